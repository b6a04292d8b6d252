// How a browser sets out to tell the service providers of other protocols that its sessions have ended (model/single_logout.h,
// docs/decisions/0041). Every sign-out in a browser begins it; src/saml_idp/logout takes it further.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "audit/event.h"
#include "base/random.h"
#include "http/message.h"
#include "model/session_graph.h"
#include "model/single_logout.h"
#include "tenancy/handles.h"

namespace segue::sessions {

// Where it goes on: with ?state=, the walk's handle.
inline constexpr std::string_view kLogoutPath = "/u/logout";

// Everything random, made before the transaction.
struct PreparedWalk {
  tenancy::NewHandle handle;
  std::string browser;                       // the value of the cookie that ties this walk to the browser
  std::optional<model::Digest> before = {};  // of the cookie that the browser has until now. Nothing: it has none
};
PreparedWalk prepare_walk(const tenancy::Snapshot& tenant, base::Random& random, const http::Request& request);
// What the cookie hashes to. Nothing: the browser has none.
std::optional<model::Digest> presented_browser(const http::Request& request);
// The handle as it stands in the address, or in RelayState.
std::optional<tenancy::PresentedHandle> presented_walk(const tenancy::TenantKeys& keys, std::string_view text);

struct Ended {
  const std::vector<model::Session>& sessions;
  model::LogoutEnd end;
  std::string knows;        // the client that has signed the person out itself; empty: none
  std::string protocol;     // that it asked in: it is told where it signed in by another
  const audit::Event& row;  // of the request
  // False in a frame or an image (http::is_top_level_navigation): browsers keep cookies of other sites from there, so a service
  // provider would not know whom to sign out. Whoever has to be told is named in the log.
  bool leads = true;
};
struct Begun {
  bool leads_on = false;  // false: nobody is led to, so the sign-out ends here
  bool all_told = true;   // nobody had to be told, or had failed to answer
};
// In the transaction that ended the sessions: whom to lead the browser to, and where it ends. What an earlier walk of the browser
// has left is taken over.
Begun begin_walk(const store::Writer& w, const tenancy::Snapshot& tenant, const PreparedWalk& prepared, Ended ended,
                 base::Instant now);
// WS-Federation 1.2 §13.2.4: an image at this address ends the session at the participant.
std::string cleanup_url(const model::SessionParticipant& participant);
// After its commit.
http::Response lead_on(const PreparedWalk& prepared);

}  // namespace segue::sessions
