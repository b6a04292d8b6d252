#include "oauth/authorize/browser_binding.h"

#include "base/bytes.h"
#include "crypto/digest.h"
#include "http/cookies.h"

namespace segue::oauth {
namespace {
// __Host-: no subdomain and no plain-HTTP page can plant it (RFC 6265bis §4.1.3.2).
constexpr std::string_view kBindingCookie = "__Host-segue_browser";
}  // namespace

model::Digest BrowserBinding::hash() const { return crypto::sha256(secret); }

std::optional<BrowserBinding> presented_binding(const http::Request& request) {
  const auto values = http::cookie_values(request, kBindingCookie);
  if (values.size() != 1 || values.front().size() != 43) return std::nullopt;
  return BrowserBinding{.secret = values.front()};
}

BrowserBinding browser_binding(const http::Request& request, base::Random& random) {
  if (auto presented = presented_binding(request)) return *presented;
  return {.secret = base::base64url(random.bytes<32>()), .fresh = true};
}

void set_browser_binding(http::Response& response, const BrowserBinding& binding) {
  if (!binding.fresh) return;
  http::set_cookie(
      response,
      {.name = std::string(kBindingCookie), .value = binding.secret, .expires = std::nullopt, .same_site = http::SameSite::lax});
}

}  // namespace segue::oauth
