#include "oauth/authorize/transfer_presentation.h"

#include <algorithm>

#include "base/text.h"
#include "http/cookies.h"

namespace segue::oauth {
namespace {

// More cookies of one name than any browser needs are a cookie bomb; each costs a lookup.
constexpr std::size_t kMostTokens = 4;

bool allows(const model::Client& client, std::string_view method) {
  return client.session_transfer && base::contains(client.session_transfer->allowed_authentication_methods, method);
}

}  // namespace

bool is_speculative(const http::Request& request) {
  if (request.method == http::Method::head) return true;
  // Fetch Metadata / Speculation Rules: `Sec-Purpose: prefetch` or `prefetch;prerender`; older browsers say Purpose or X-Moz.
  for (const auto* name : {"sec-purpose", "purpose", "x-moz", "x-purpose"}) {
    if (base::ascii_lower(request.headers.find(name).value_or("")).find("prefetch") != std::string::npos) return true;
    if (base::ascii_lower(request.headers.find(name).value_or("")).find("preview") != std::string::npos) return true;
  }
  return false;
}

bool is_top_level_navigation(const http::Request& request) {
  if (is_speculative(request)) return false;
  // Every browser that sends Sec-Fetch-Mode sends Sec-Fetch-Dest too; a mode alone comes from an HTTP library.
  const auto destination = request.headers.find("sec-fetch-dest");
  if (!destination) return true;
  return *destination == "document" && request.headers.find("sec-fetch-mode").value_or("navigate") == "navigate";
}

TransferPresentation find_transfer_tokens(const http::Call& call, const PresentedRequest& presented,
                                          const model::Client& client) {
  TransferPresentation out;
  if (!is_top_level_navigation(call.request)) return out;
  const auto add = [&](const std::string& token) {
    if (!token.empty() && !base::contains(out.tokens, token) && out.tokens.size() < kMostTokens) out.tokens.push_back(token);
  };
  const bool is_pushed = presented.pushed && presented.pushed->transfer;
  if (is_pushed || presented.session_transfer_token) {
    if (allows(client, "query")) {
      add(presented.session_transfer_token.value_or(""));
      if (is_pushed) out.pushed = presented.pushed->transfer;
    } else {
      out.ignored_query = true;
    }
  }
  const auto cookies = http::cookie_values(call.request, kTransferCookie);
  if (!cookies.empty()) {
    if (allows(client, "cookie")) {
      out.cookie_seen = true;
      std::for_each(cookies.begin(), cookies.end(), add);
    } else {
      out.ignored_cookie = true;
    }
  }
  return out;
}

}  // namespace segue::oauth
