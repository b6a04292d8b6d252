#include "management/client_rules.h"

#include <algorithm>

#include "base/text.h"
#include "management/backchannel_logout_rules.h"
#include "management/errors.h"
#include "management/saml_addon_rules.h"
#include "management/uri.h"

namespace segue::management {
namespace {

bool is_true(const json::object& o, std::string_view name) { return json::find_bool(o, name).value_or(false); }
bool is_false(const json::object& o, std::string_view name) { return !json::find_bool(o, name).value_or(true); }

bool has_items(const json::object& o, std::string_view name) {
  const auto* const v = json::find(o, name);
  return v != nullptr && v->is_array() && !v->get_array().empty();
}

base::Error not_enforced(const std::string& what, const std::string& why, base::Origin origin = base::Origin::here()) {
  return invalid_body(what + " is refused: " + why, origin);
}

base::Outcome check_grant_types(const json::object& document) {
  static const std::vector<std::string> kServed = {"authorization_code",
                                                   "implicit",
                                                   "refresh_token",
                                                   "client_credentials",
                                                   "password",
                                                   "http://auth0.com/oauth/grant-type/password-realm",
                                                   "urn:ietf:params:oauth:grant-type:device_code",
                                                   "urn:ietf:params:oauth:grant-type:token-exchange"};
  for (const auto& grant_type : json::find_strings(document, "grant_types")) {
    if (!base::contains(kServed, grant_type)) {
      return invalid_body("grant_types: the grant \"" + grant_type +
                          "\" is not served here. Served are: " + base::join(kServed, ", ") + ".");
    }
  }
  return base::Unit{};
}

base::Outcome check_session_transfer(const json::object& document) {
  const auto* const transfer = json::find_object(document, "session_transfer");
  if (transfer == nullptr) return base::Unit{};
  // Design §4: third-party clients cannot have session_transfer.
  if (is_false(document, "is_first_party") || json::find_string(document, "third_party_security_mode") == "strict") {
    return invalid_body("session_transfer is not available to third-party clients");
  }
  return base::Unit{};
}

// contract §3.4, §9.6
base::Outcome check_token_exchange(const json::object& document) {
  const auto* const exchange = json::find_object(document, "token_exchange");
  if (exchange == nullptr || !has_items(*exchange, "allow_any_profile_of_type")) return base::Unit{};
  for (const auto& type : json::find_strings(*exchange, "allow_any_profile_of_type")) {
    if (type == "custom_authentication") continue;
    return not_enforced("token_exchange.allow_any_profile_of_type \"" + type + "\"",
                        "only custom token exchange is served here: use custom_authentication");
  }
  // The Action names the user: nobody asks the person what the application may have.
  if (is_false(document, "is_first_party"))
    return invalid_body("token_exchange is not available to third-party clients: set is_first_party to true");
  return base::Unit{};
}

// What a strict third-party client may not have (contract §2.1, §2.3). PKCE is asked for at /authorize.
base::Outcome check_third_party(const json::object& document) {
  const bool first_party = !is_false(document, "is_first_party");
  const auto mode = json::find_string(document, "third_party_security_mode");
  if (first_party && mode == "strict")
    return invalid_body("third_party_security_mode \"strict\" is for third-party clients: set is_first_party to false");
  if (first_party && json::find_string(document, "redirection_policy") == "open_redirect_protection")
    return invalid_body(
        "redirection_policy \"open_redirect_protection\" is for third-party clients: set is_first_party to false");
  if (mode != "strict") return base::Unit{};
  for (const auto& callback : json::find_strings(document, "callbacks")) {
    if (callback.find('*') != std::string::npos || callback.find('{') != std::string::npos)
      return invalid_body("callbacks: a strict third-party client names each callback in full, without wildcards");
  }
  static const std::vector<std::string> kStrictGrants = {"authorization_code", "refresh_token", "client_credentials"};
  for (const auto& grant_type : json::find_strings(document, "grant_types")) {
    if (!base::contains(kStrictGrants, grant_type)) {
      return invalid_body("grant_types: the grant \"" + grant_type +
                          "\" is not available to strict third-party clients. Available are: " + base::join(kStrictGrants, ", ") +
                          ".");
    }
  }
  return base::Unit{};
}

// contract §4.6. A policy may name an API that is not there yet: it counts once there is one.
base::Outcome check_refresh_policies(const json::object& document, const json::object& refresh) {
  if (!has_items(refresh, "policies")) return base::Unit{};
  if (is_false(document, "is_first_party"))
    return invalid_body("refresh_token.policies are not available to third-party clients: set is_first_party to true");
  std::vector<std::string> seen;
  for (const auto& policy : json::find(refresh, "policies")->get_array()) {
    const auto audience = json::find_string(policy.get_object(), "audience").value_or("");
    if (audience.empty()) return invalid_body("refresh_token.policies: the audience of a policy is the identifier of an API");
    if (base::contains(seen, audience))
      return invalid_body("refresh_token.policies: " + audience + " has more than one policy: put its scopes into one");
    if (!has_items(policy.get_object(), "scope"))
      return invalid_body("refresh_token.policies: the policy for " + audience + " needs at least one scope");
    seen.push_back(audience);
  }
  return base::Unit{};
}

base::Outcome check_refresh_token(const json::object& document) {
  const auto* const refresh = json::find_object(document, "refresh_token");
  if (refresh == nullptr) return base::Unit{};
  TRY(check_refresh_policies(document, *refresh));
  const bool expiring = json::find_string(*refresh, "expiration_type") == "expiring";
  if (json::find_string(*refresh, "rotation_type") == "rotating" && !expiring) {
    return invalid_body("refresh_token: rotation_type \"rotating\" requires expiration_type \"expiring\"");
  }
  const auto lifetime = json::find_integer(*refresh, "token_lifetime"),
             idle = json::find_integer(*refresh, "idle_token_lifetime");
  if (lifetime && idle && is_false(*refresh, "infinite_token_lifetime") && is_false(*refresh, "infinite_idle_token_lifetime") &&
      *idle >= *lifetime) {
    return invalid_body("refresh_token: idle_token_lifetime must be less than token_lifetime");
  }
  return base::Unit{};
}

base::Outcome check_jwt_configuration(const json::object& document) {
  const auto* const jwt = json::find_object(document, "jwt_configuration");
  if (jwt == nullptr) return base::Unit{};
  const auto alg = json::find_string(*jwt, "alg").value_or("");
  if (alg == "PS256" || alg == "RS512") {
    return invalid_body("jwt_configuration.alg: " + alg + " is not served here. Served are: RS256, ES256, HS256.");
  }
  if (alg == "HS256" && json::find_string(document, "token_endpoint_auth_method") == "none") {
    return invalid_body("jwt_configuration.alg: HS256 signs with the client secret, which a public client cannot keep");
  }
  if (alg == "HS256" && is_true(*jwt, "secret_encoded")) {
    return invalid_body(
        "jwt_configuration.secret_encoded: secrets are used as they stand; base64 encoded ones are not served with HS256");
  }
  return base::Unit{};
}

base::Outcome check_metadata(const json::object& document) {
  const auto* const metadata = json::find_object(document, "client_metadata");
  if (metadata == nullptr) return base::Unit{};
  if (metadata->size() > 10) return invalid_body("client_metadata holds at most 10 keys");
  for (const auto& member : *metadata) {
    const auto* const text = member.value().if_string();
    if (text == nullptr || text->size() > 255 || member.key().size() > 255) {
      return invalid_body(
          "Payload validation error: 'client_metadata values are strings of at most 255 characters' on property "
          "client_metadata." +
          std::string(member.key()) + ".");
    }
  }
  return base::Unit{};
}

// Settings that would make a sign-in stricter than it can be. What has one value here says so in its field.
base::Outcome check_not_enforced(const json::object& document) {
  // contract §2.8: pushing takes an authentication, so the requirement would shut a public client out.
  if (is_true(document, "require_pushed_authorization_requests") &&
      json::find_string(document, "token_endpoint_auth_method") == "none") {
    return not_enforced("require_pushed_authorization_requests true", "a client without a secret cannot push its requests");
  }
  return base::Unit{};
}

void set_default(json::object& o, std::string_view name, json::value v) {
  if (json::find(o, name) == nullptr) o[name] = std::move(v);
}

json::object& object_member(json::object& o, std::string_view name) {
  auto& member = o[name];
  if (!member.is_object()) member.emplace_object();
  return member.get_object();
}

}  // namespace

void complete_refresh_token(json::object& document) {
  if (json::find_object(document, "refresh_token") == nullptr) return;
  const bool machine = json::find_string(document, "app_type") == "non_interactive";
  auto& refresh = object_member(document, "refresh_token");
  set_default(refresh, "rotation_type", "non-rotating");
  set_default(refresh, "expiration_type", "non-expiring");
  const bool expiring = json::find_string(refresh, "expiration_type") == "expiring";
  set_default(refresh, "leeway", 0);
  set_default(refresh, "token_lifetime", machine ? 31557600 : 2592000);
  set_default(refresh, "infinite_token_lifetime", !expiring);
  set_default(refresh, "infinite_idle_token_lifetime", !expiring);
  if (json::find(refresh, "idle_token_lifetime") == nullptr) {
    const auto lifetime = json::find_integer(refresh, "token_lifetime").value_or(2592000);
    const std::int64_t usual = machine ? 2592000 : 1296000;
    // The idle lifetime stays below a short absolute one.
    const bool bounded = is_false(refresh, "infinite_token_lifetime") && usual >= lifetime;
    refresh["idle_token_lifetime"] = bounded ? std::max<std::int64_t>(1, lifetime / 2) : usual;
    if (bounded && lifetime <= 1) refresh["infinite_idle_token_lifetime"] = true;
  }
}

void add_client_defaults(json::object& document) {
  set_default(document, "is_first_party", true);
  set_default(document, "is_token_endpoint_ip_header_trusted", false);
  set_default(document, "oidc_conformant", false);
  auto& jwt = object_member(document, "jwt_configuration");
  set_default(jwt, "secret_encoded", false);
  set_default(jwt, "lifetime_in_seconds", 36000);
  set_default(document, "sso_disabled", false);
  set_default(document, "cross_origin_authentication", false);
  if (json::find(document, "grant_types") == nullptr) {
    const bool strict = json::find_string(document, "third_party_security_mode") == "strict";
    json::array grants{"authorization_code"};
    if (!strict) grants.emplace_back("implicit");
    grants.emplace_back("refresh_token");
    if (json::find_string(document, "token_endpoint_auth_method") != "none") grants.emplace_back("client_credentials");
    document["grant_types"] = std::move(grants);
  }
  set_default(document, "custom_login_page_on", true);
  object_member(document, "refresh_token");
  complete_refresh_token(document);
}

base::Outcome check_client(const json::object& document, bool allow_private) {
  TRY(check_session_transfer(document));
  TRY(check_token_exchange(document));
  TRY(check_third_party(document));
  TRY(check_grant_types(document));
  TRY(check_refresh_token(document));
  TRY(check_jwt_configuration(document));
  TRY(check_metadata(document));
  TRY(check_not_enforced(document));
  TRY(check_backchannel_logout(document, allow_private));
  TRY(check_saml_addon(document));
  TRY(check_wsfed_addon(document));
  if (const auto uri = json::find_string(document, "initiate_login_uri"); uri && !uri->empty()) {
    UriParts parts;
    if (!split_uri(*uri, parts) || parts.host == "localhost") {
      return invalid_body("initiate_login_uri: a host that every browser can reach is needed, not localhost");
    }
  }
  return base::Unit{};
}

base::Outcome check_policy_audiences(const model::Client& client, std::string_view management_audience) {
  for (const auto& policy : client.refresh_token.policies) {
    if (policy.audience == management_audience)
      return invalid_body("refresh_token.policies: the Management API cannot be reached by refresh token: remove " +
                          policy.audience);
  }
  return base::Unit{};
}

}  // namespace segue::management
