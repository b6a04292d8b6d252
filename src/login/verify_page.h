// /lo/verify_email: where the link of a mail leads that verifies an address (contract §9.12 tickets).
#pragma once
#include "audit/failure_queue.h"
#include "base/clock.h"
#include "http/router.h"
#include "mail/outbox.h"
#include "tenancy/tenants.h"

namespace segue::login {

struct VerifyServices {
  tenancy::Tenants& tenants;
  const base::Clock& clock;
  const mail::Outbox& mails;
  audit::FailureQueue& failures;
};
void add_verify_routes(http::Router& router, const VerifyServices& services);

}  // namespace segue::login
