// What every way of signing out of the browser shares (contract §5.3): where it may lead, the end of the session, its log row.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "audit/event.h"
#include "model/client.h"
#include "model/session_graph.h"
#include "oauth/authorize/redirect_uri.h"
#include "oauth/services.h"
#include "tenancy/handles.h"

namespace segue::oauth {

// Where a sign-out leads, judged by the client's list, or by the tenant's when no client is known.
struct LogoutTarget {
  std::vector<std::string> allowed;
  std::string asked;                         // empty: nothing was asked for
  std::optional<VerifiedRedirect> redirect;  // set when what was asked for is allowed
  std::string protocol = "oidc";             // that asks, of the log rows
  bool is_refused() const { return !asked.empty() && !redirect; }
};
std::vector<std::string> logout_urls_of(const tenancy::Snapshot& tenant, const model::Client* client);
LogoutTarget logout_target(std::vector<std::string> allowed, const std::optional<std::string>& asked);
// Writes the flo row and says what to mend. `parameter` is the endpoint's name for the address.
base::Error refuse_target(const Services& services, const http::Call& call, const model::Client* client,
                          const LogoutTarget& target, std::string_view parameter);

// The sessions that a browser presents and that live, locked. Another site below the same parent domain can plant a cookie beside
// ours: a sign-out ends them all, lest the person stays signed in.
std::vector<model::Session> lock_live_sessions(const store::Writer& w, const std::vector<tenancy::PresentedHandle>& cookies,
                                               base::Instant now);
// In the transaction that found the session live: it ends for every application. `row` is of the request.
void end_session(const store::Writer& w, const model::Session& session, audit::Event row, const LogoutTarget& target,
                 base::Instant now);

}  // namespace segue::oauth
