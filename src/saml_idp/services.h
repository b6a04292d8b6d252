// What the endpoints of this feature are built from. Everything outlives them.
#pragma once
#include "audit/failure_queue.h"
#include "base/clock.h"
#include "base/random.h"
#include "interaction/authorization_flow.h"
#include "tenancy/tenants.h"

namespace segue::saml_idp {

class KeyRing;

struct Services {
  tenancy::Tenants& tenants;
  const base::Clock& clock;
  base::Random& random;
  audit::FailureQueue& failures;
  interaction::AuthorizationFlow& flow;
  KeyRing& keys;
};

}  // namespace segue::saml_idp
