// What the ways in which an application signs a browser out share (contract §5.3): where that may lead, the end of its sessions.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/function_ref.h"
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
  bool client_knows = false;                 // of WS-Federation: whoever asks has ended its own session
  bool is_refused() const { return !asked.empty() && !redirect; }
};
std::vector<std::string> logout_urls_of(const tenancy::Snapshot& tenant, const model::Client* client);
LogoutTarget logout_target(std::vector<std::string> allowed, const std::optional<std::string>& asked);
// Writes the flo row and says what to mend. `parameter` is the endpoint's name for the address.
base::Error refuse_target(const Services& services, const http::Call& call, const model::Client* client,
                          const LogoutTarget& target, std::string_view parameter);

// A sign-out that an application asked for: of every session that the browser presents, once `admits` has allowed that,
// which is asked in the transaction; inside on_current(). `redirect_to`: where the browser goes in the end; empty: to a page.
struct SignedOut {
  bool done = false;                   // false: it was not allowed
  std::optional<http::Response> walk;  // first through the service providers of other protocols (sessions/logout_walk.h)
};
using Admits = base::FunctionRef<bool(const std::vector<model::Session>& live)>;
SignedOut sign_out(const Services& services, const http::Call& call, const tenancy::Snapshot& tenant, const model::Client* client,
                   const LogoutTarget& target, const std::string& redirect_to, Admits admits);

}  // namespace segue::oauth
