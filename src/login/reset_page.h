// /lo/reset: where the link of a mail leads, and a new password is set (contract §5.5, docs/decisions/0026).
#pragma once
#include "audit/failure_queue.h"
#include "base/clock.h"
#include "connections/accounts.h"
#include "connections/password_login.h"
#include "http/router.h"
#include "tenancy/tenants.h"

namespace segue::login {

struct ResetServices {
  tenancy::Tenants& tenants;
  const base::Clock& clock;
  connections::PasswordLogin& password_login;
  connections::AccountTriggers& triggers;
  audit::FailureQueue& failures;
};
void add_reset_routes(http::Router& router, const ResetServices& services);

}  // namespace segue::login
