#include "tokens/custom_claims.h"

#include <algorithm>
#include <string>

#include "base/text.h"

namespace segue::tokens {
namespace {

constexpr std::string_view kRestricted[] = {"acr",
                                            "act",
                                            "active",
                                            "amr",
                                            "at_hash",
                                            "ath",
                                            "attest",
                                            "aud",
                                            "auth_time",
                                            "authorization_details",
                                            "azp",
                                            "c_hash",
                                            "client_id",
                                            "cnf",
                                            "cty",
                                            "dest",
                                            "entitlements",
                                            "events",
                                            "exp",
                                            "groups",
                                            "gty",
                                            "htm",
                                            "htu",
                                            "iat",
                                            "internalService",
                                            "iss",
                                            "jcard",
                                            "jku",
                                            "jti",
                                            "jwe",
                                            "jwk",
                                            "kid",
                                            "may_act",
                                            "mky",
                                            "nbf",
                                            "nonce",
                                            "object_id",
                                            "org_id",
                                            "org_name",
                                            "orig",
                                            "origid",
                                            "permissions",
                                            "roles",
                                            "rph",
                                            "s_hash",
                                            "sid",
                                            "sip_callid",
                                            "sip_cseq_num",
                                            "sip_date",
                                            "sip_from_tag",
                                            "sip_via_branch",
                                            "sub",
                                            "sub_jwk",
                                            "toe",
                                            "txn",
                                            "typ",
                                            "uuid",
                                            "vot",
                                            "vtm",
                                            "x5t#S256",
                                            "scope"};

// The host of a namespaced name; nothing for a plain one.
std::string_view namespace_host(std::string_view name) {
  const auto scheme = name.find("://");
  if (scheme == std::string_view::npos) return {};
  auto host = name.substr(scheme + 3);
  host = host.substr(0, std::min(host.find_first_of("/?#"), host.size()));
  if (const auto at = host.rfind('@'); at != std::string_view::npos) host.remove_prefix(at + 1);
  return host.substr(0, std::min(host.find(':'), host.size()));
}

bool is_below(std::string_view host, std::string_view domain) {
  return host == domain ||
         (host.size() > domain.size() && host.ends_with(domain) && host[host.size() - domain.size() - 1] == '.');
}

}  // namespace

bool may_be_claimed(std::string_view name, bool of_system_api) {
  if (name.empty() || std::find(std::begin(kRestricted), std::end(kRestricted), name) != std::end(kRestricted)) return false;
  const auto host = base::ascii_lower(namespace_host(name));
  for (const auto reserved : {"auth0.com", "webtask.io", "okta.com"}) {
    if (is_below(host, reserved)) return false;
  }
  return !of_system_api || !host.empty() || name.starts_with("urn:");
}

void add_custom_claims(json::object& claims, const json::object& custom, bool of_system_api) {
  std::size_t size = 0;
  for (const auto& claim : custom) {
    if (!may_be_claimed(claim.key(), of_system_api)) continue;
    size += claim.key().size() + json::write(claim.value()).size();
    if (size > kMostCustomClaims) return;
    claims[claim.key()] = claim.value();
  }
}

}  // namespace segue::tokens
