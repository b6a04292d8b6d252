#include "management/backchannel_logout_rules.h"

#include "base/text.h"
#include "http/caller_address.h"
#include "management/errors.h"
#include "management/uri.h"
#include "outbound/address_rules.h"

namespace segue::management {
namespace {

constexpr std::string_view kUrls = "oidc_logout.backchannel_logout_urls";

bool is_numeric(std::string_view label) {
  return !label.empty() && (label.starts_with("0x") || label.find_first_not_of("0123456789") == std::string_view::npos);
}

// `host` may end in a port. What it resolves to is checked when it is called; here only what can be seen.
bool names_a_public_host(std::string_view host) {
  if (host.starts_with('['))
    return outbound::is_public_address(http::canonical_address(host.substr(1, host.find(']') - 1)).value_or(""));
  auto name = base::ascii_lower(host.substr(0, host.find(':')));
  if (name.ends_with('.')) name.pop_back();
  const auto dot = name.rfind('.');
  if (dot == std::string::npos) return false;  // localhost and other names of one's own network
  const auto last = std::string_view(name).substr(dot + 1);
  // WHATWG URL §3.5: a host that ends in a number is an IPv4 address, in whatever spelling.
  if (is_numeric(last)) return outbound::is_public_address(http::canonical_address(name).value_or(""));
  for (const std::string_view own : {"localhost", "local", "internal", "localdomain", "home", "lan"}) {
    if (last == own) return false;
  }
  return true;
}

}  // namespace

base::Result<json::object> with_current_logout_name(json::object body) {
  auto* const old = body.if_contains("oidc_backchannel_logout");
  if (old == nullptr) return body;
  if (body.contains("oidc_logout"))
    return invalid_body("oidc_backchannel_logout is the old name of oidc_logout: send oidc_logout only");
  auto value = std::move(*old);
  body.erase("oidc_backchannel_logout");
  body["oidc_logout"] = std::move(value);
  return body;
}

base::Outcome check_backchannel_logout(const json::object& document, bool allow_private) {
  const auto* const logout = json::find_object(document, "oidc_logout");
  if (logout == nullptr) return base::Unit{};
  const auto urls = json::find_strings(*logout, "backchannel_logout_urls");
  if (urls.size() > 1) return invalid_body(std::string(kUrls) + ": one URL per client is allowed");
  for (const auto& url : urls) {
    UriParts parts;
    if (!split_uri(url, parts) || parts.host.empty()) return invalid_body(std::string(kUrls) + ": a URL with a host is needed");
    if (url.find('{') != std::string::npos)
      return invalid_body(std::string(kUrls) + ": the URL is called as it stands, so it cannot hold a placeholder");
    if (parts.authority.find('@') != std::string::npos)
      return invalid_body(std::string(kUrls) + ": the URL must not hold a user name or a password");
    if (!allow_private && !names_a_public_host(parts.host))
      return invalid_body(std::string(kUrls) + ": a public host is needed, not this machine or a private network");
  }
  return base::Unit{};
}

}  // namespace segue::management
