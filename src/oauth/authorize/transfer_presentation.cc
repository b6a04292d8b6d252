#include "oauth/authorize/transfer_presentation.h"

#include <algorithm>

#include "base/text.h"
#include "http/cookies.h"

namespace segue::oauth {
namespace {

TransferReason reason_to_ignore(const model::Client& client) {
  const bool accepts_any = client.session_transfer && !client.session_transfer->allowed_authentication_methods.empty();
  return accepts_any ? TransferReason::method_not_allowed : TransferReason::client_not_enabled;
}

// More cookies of one name than any browser needs are a cookie bomb; each costs a lookup.
constexpr std::size_t kMostTokens = 4;

bool allows(const model::Client& client, std::string_view method) {
  return client.session_transfer && base::contains(client.session_transfer->allowed_authentication_methods, method);
}

// The addon's `allow_transfer_on_idp_initiated`, a member of ours.
bool allows_unsolicited(const model::Client& client, std::string_view foreign_protocol) {
  const auto* const addon = client.addon(foreign_protocol);
  return addon != nullptr && json::find_bool(*addon, "allow_transfer_on_idp_initiated").value_or(false);
}

std::vector<std::string_view> cookie_names(std::string_view foreign_protocol) {
  if (foreign_protocol.empty()) return {kTransferCookie};
  return {kTransferCookie, kOtherTransferCookie};
}

}  // namespace

std::string warning_of(const IgnoredTransfer& ignored) {
  const std::string start = "Session Transfer Token ignored: ";
  switch (ignored.reason) {
    case TransferReason::client_not_enabled:
      return start + "this client accepts none. Set session_transfer.allowed_authentication_methods.";
    case TransferReason::wrong_cookie_name: return start + "its cookie is named " + std::string(kTransferCookie) + " here.";
    case TransferReason::unsolicited:
      return start +
             "nobody asked for this sign-in, so it could be somebody else's. Set allow_transfer_on_idp_initiated of the client's "
             "addon "
             "to take it.";
    default:
      return start + "this client does not accept it by " + std::string(ignored.transport) +
             ". Add the method to session_transfer.allowed_authentication_methods.";
  }
}

TransferPresentation find_transfer_tokens(const http::Call& call, const PresentedRequest& presented, const model::Client& client,
                                          std::string_view foreign_protocol) {
  TransferPresentation out;
  if (!http::is_top_level_navigation(call.request)) return out;
  const bool counts = !presented.unsolicited || allows_unsolicited(client, foreign_protocol);
  const auto reason = [&](std::string_view method) {
    return allows(client, method) ? TransferReason::unsolicited : reason_to_ignore(client);
  };
  const auto add = [&](const std::string& token) {
    if (!token.empty() && !base::contains(out.tokens, token) && out.tokens.size() < kMostTokens) out.tokens.push_back(token);
  };
  const bool is_pushed = presented.pushed && presented.pushed->transfer;
  if (is_pushed || presented.session_transfer_token) {
    if (counts && allows(client, "query")) {
      add(presented.session_transfer_token.value_or(""));
      if (is_pushed) out.pushed = presented.pushed->transfer;
    } else {
      out.ignored = {reason("query"), "query", {presented.session_transfer_token.value_or("")}};
    }
  }
  for (const auto name : cookie_names(foreign_protocol)) {
    const auto cookies = http::cookie_values(call.request, name);
    if (cookies.empty()) continue;
    if (counts && allows(client, "cookie")) {
      out.cookies_seen.push_back(name);
      std::for_each(cookies.begin(), cookies.end(), add);
    } else if (!out.ignored) {
      out.ignored = {reason("cookie"), "cookie", cookies};
    }
  }
  if (out.tokens.empty() && !out.pushed && !out.ignored && foreign_protocol.empty()) {
    if (auto others = http::cookie_values(call.request, kOtherTransferCookie); !others.empty())
      out.ignored = {TransferReason::wrong_cookie_name, "cookie", std::move(others)};
  }
  if (out.ignored && out.ignored->tokens.size() > kMostTokens) out.ignored->tokens.resize(kMostTokens);
  return out;
}

}  // namespace segue::oauth
