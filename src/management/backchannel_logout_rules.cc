#include "management/backchannel_logout_rules.h"

#include "management/errors.h"
#include "management/uri.h"

namespace segue::management {
namespace {

constexpr std::string_view kUrls = "oidc_logout.backchannel_logout_urls";

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
    if (!allow_private && !names_public_host(parts.host))
      return invalid_body(std::string(kUrls) + ": a public host is needed, not this machine or a private network");
  }
  return base::Unit{};
}

}  // namespace segue::management
