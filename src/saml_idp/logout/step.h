// One step of a walk through the service providers of an ended session: it counts once, and until the next one its page or
// request can be had again.
#pragma once
#include <optional>
#include <string>

#include "audit/event.h"
#include "http/call.h"
#include "saml_idp/services.h"
#include "store/logout_walks.h"
#include "tenancy/handles.h"

namespace segue::saml_idp {

// Where a walk stands, in the browser that began it.
struct Standing {
  model::LogoutWalk walk;
  tenancy::PresentedHandle handle;  // of this step
  std::string state;                // the same as text
  // The browser came with the handle of the step before: that one's answer was lost, or it came twice. Whoever was asked there
  // knows it, too, so that it moves nothing.
  bool came_again = false;
};

class Step {
 public:
  Step(const Services& services, const http::Call& call, const tenancy::Snapshot& tenant, Standing at);

  // From whoever was asked last to whoever is next. `failure`: a row that is written when this step counts.
  http::Response take(bool told, const std::optional<audit::Event>& failure = {});
  // The browser goes on by itself. Whoever is awaited is asked once more, lest the request was lost; then the next one is.
  http::Response go_on();
  // What this step has led to, once more.
  http::Response repeat();

 private:
  model::LogoutPlan& plan() { return at_.walk.plan; }
  void close(bool told);
  http::Response next();
  http::Response finish();
  // Nothing: it does not take part any more, or no key is there to sign with.
  std::optional<http::Response> request_to(const model::SessionParticipant& participant, const std::string& id,
                                           const std::string& state);
  std::optional<http::Response> ask_again();
  http::Response page(const std::string& state);
  bool count(const model::Digest& secret_hash, const std::optional<audit::Event>& failure = {});
  http::Response elsewhere() const;
  audit::Event untold_row();

  const Services& services_;
  const http::Call& call_;
  const tenancy::Snapshot& tenant_;
  Standing at_;
  const tenancy::NewHandle next_;  // a service provider's copy of RelayState dies with its step
  const base::Instant now_;
};

}  // namespace segue::saml_idp
