// What the endpoints of this feature are built from. Everything outlives them.
#pragma once
#include "assertions/key_ring.h"
#include "audit/failure_queue.h"
#include "base/clock.h"
#include "base/random.h"
#include "interaction/authorization_flow.h"
#include "interaction/sign_out.h"
#include "tenancy/tenants.h"

namespace segue::wsfed_idp {

struct Services {
  tenancy::Tenants& tenants;
  const base::Clock& clock;
  base::Random& random;
  audit::FailureQueue& failures;
  interaction::AuthorizationFlow& flow;
  interaction::SignOut& sign_out;
  assertions::KeyRing& keys;
};

}  // namespace segue::wsfed_idp
