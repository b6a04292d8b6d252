// How a session transfer token arrives at /authorize (contract §1.7, design §4 "Exactly once").
#pragma once
#include <string>
#include <vector>

#include "http/call.h"
#include "http/speculative.h"
#include "model/client.h"
#include "oauth/authorize/evaluate_transfer.h"
#include "oauth/authorize/presented_request.h"

namespace segue::oauth {

inline constexpr std::string_view kTransferCookie = "auth0_session_transfer_token";
inline constexpr std::string_view kTransferParameter = "session_transfer_token";

// The cookie of the sign-in URLs of SAML and WS-Federation in Auth0's samples (contract §1.7); there both names count.
inline constexpr std::string_view kOtherTransferCookie = "session_transfer_token";

// What the request brought in a way that does not count, as if it had brought nothing (contract §1.7).
struct IgnoredTransfer {
  TransferReason reason{};          // client_not_enabled, method_not_allowed, wrong_cookie_name or unsolicited
  std::string_view transport;       // "query" or "cookie"
  std::vector<std::string> tokens;  // only to find the handoff that they belong to
};

// The description of its `w` row.
std::string warning_of(const IgnoredTransfer& ignored);

struct TransferPresentation {
  std::vector<std::string> tokens;              // distinct values over the transports that the client allows
  std::optional<model::PushedTransfer> pushed;  // inside a pushed request, which counts as the query; may be one of `tokens`
  std::optional<IgnoredTransfer> ignored;       // the query's before the cookie's
  std::vector<std::string_view> cookies_seen;   // to be expired in the answer once they were evaluated
};
// Only a top-level navigation is evaluated; anything else sees nothing, so its token stays unspent. `foreign_protocol`: of the
// request; empty: OpenID Connect.
TransferPresentation find_transfer_tokens(const http::Call& call, const PresentedRequest& presented, const model::Client& client,
                                          std::string_view foreign_protocol);

using http::is_speculative;

}  // namespace segue::oauth
