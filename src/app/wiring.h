// Which routes there are, and what happens to every request before and after its handler: the one list.
#pragma once
#include "connections/password_login.h"
#include "http/router.h"
#include "management/services.h"
#include "oauth/feature.h"
#include "saml_idp/feature.h"
#include "tenancy/tenants.h"
#include "wsfed_idp/feature.h"

namespace segue::app {

class Forwarding;
class ForwardingWatch;
class RateLimiter;
class RequestCounters;

void add_routes(http::Router& router, oauth::Feature& oauth, saml_idp::Feature& saml_idp, wsfed_idp::Feature& wsfed_idp,
                const management::Services& management, connections::PasswordLogin& password_login, tenancy::Tenants& tenants,
                audit::FailureQueue& failures);

struct StepServices {
  const tenancy::Tenants& tenants;
  const Forwarding& forwarding;
  ForwardingWatch& forwarding_watch;
  RateLimiter& rate_limiter;
  RequestCounters& requests;
};
// What `services` names outlives the router.
void add_steps(http::Router& router, const StepServices& services);

}  // namespace segue::app
