#include "oauth/discovery.h"

#include <fmt/format.h>

#include <mutex>

#include "base/text.h"
#include "oauth/device/device_client.h"
#include "oauth/dpop/proof.h"
#include "oauth/token_exchange/exchange_request.h"

namespace segue::oauth {
namespace {

http::Response cacheable(std::string document) {
  auto response = http::json_response(200, std::move(document));
  response.headers.set("cache-control", fmt::format("public, max-age={}", tenancy::kKeySetLifetime.count()));
  return response;
}

// contract §5.2: a tenant whose applications must go on using /v2/logout hides the other endpoint.
bool advertises_end_session(const tenancy::Snapshot& tenant) {
  const auto* const settings = json::find_object(tenant.tenant().settings, "oidc_logout");
  return settings == nullptr || json::find_bool(*settings, "rp_logout_end_session_endpoint_discovery").value_or(true);
}

// The same at every endpoint that a client authenticates at.
json::array authentication_methods() { return {"client_secret_basic", "client_secret_post", "private_key_jwt", "none"}; }
// What a credential of a client may be for (contract §9.6).
json::array client_signatures() { return {"RS256", "RS384", "PS256"}; }

// Of the snapshot and the domain alone: what is rendered once is kept.
std::string render_document(const tenancy::Snapshot& tenant, std::string_view domain) {
  const auto issuer = tenant.issuer(domain);
  json::object document{
      {"issuer", issuer},
      {"authorization_endpoint", issuer + "authorize"},
      {"token_endpoint", issuer + "oauth/token"},
      {"pushed_authorization_request_endpoint", issuer + "oauth/par"},
      {"require_pushed_authorization_requests", false},
      {"device_authorization_endpoint", issuer + "oauth/device/code"},
      {"revocation_endpoint", issuer + "oauth/revoke"},
      {"revocation_endpoint_auth_methods_supported", authentication_methods()},
      {"revocation_endpoint_auth_signing_alg_values_supported", client_signatures()},
      {"userinfo_endpoint", issuer + "userinfo"},
      {"jwks_uri", issuer + ".well-known/jwks.json"},
      {"scopes_supported", json::array{"openid", "profile", "email", "address", "phone", "offline_access", "online_access"}},
      {"response_types_supported",
       json::array{"code", "token", "id_token", "code id_token", "code token", "id_token token", "code id_token token"}},
      {"response_modes_supported", json::array{"query", "fragment", "form_post", "web_message"}},
      {"grant_types_supported", json::array{"authorization_code", "implicit", "refresh_token", "client_credentials", "password",
                                            "http://auth0.com/oauth/grant-type/password-realm", std::string(kDeviceGrant),
                                            std::string(kTokenExchangeGrant)}},
      {"code_challenge_methods_supported", json::array{"S256"}},
      {"subject_types_supported", json::array{"public"}},
      {"id_token_signing_alg_values_supported", json::array{"RS256", "ES256", "HS256"}},
      {"token_endpoint_auth_methods_supported", authentication_methods()},
      {"token_endpoint_auth_signing_alg_values_supported", client_signatures()},
      {"dpop_signing_alg_values_supported",
       json::to_array(std::vector<std::string>(std::begin(dpop::kAlgorithms), std::end(dpop::kAlgorithms)))},
      {"prompt_values_supported", json::array{"none", "login", "consent", "select_account"}},
      {"claims_supported", json::array{"aud", "auth_time", "email", "email_verified", "exp", "family_name", "given_name", "iat",
                                       "iss", "name", "nickname", "phone_number", "picture", "sid", "sub"}},
      {"claims_parameter_supported", false},
      {"request_parameter_supported", true},
      {"request_object_signing_alg_values_supported", client_signatures()},
      {"request_uri_parameter_supported", false},
      {"authorization_response_iss_parameter_supported", true},
      {"backchannel_logout_supported", true},
      {"backchannel_logout_session_supported", true}};
  if (advertises_end_session(tenant)) document["end_session_endpoint"] = issuer + "oidc/logout";
  return json::write(document);
}

}  // namespace

base::Result<http::Response> DiscoveryDocuments::respond(const tenancy::Snapshot& tenant, const http::Call& call) {
  return cacheable(document_of(tenant, call.domain));
}

std::string DiscoveryDocuments::document_of(const tenancy::Snapshot& tenant, const std::string& domain) {
  {
    const std::shared_lock lock(mutex_);
    const auto found = rendered_.find(domain);
    if (found != rendered_.end() && found->second.tenant == tenant.tenant().id && found->second.version == tenant.version())
      return found->second.document;
  }
  auto document = render_document(tenant, domain);
  const std::scoped_lock lock(mutex_);
  rendered_.insert_or_assign(domain, Rendered{tenant.tenant().id, tenant.version(), document});
  return document;
}

base::Result<http::Response> json_web_key_set(const tenancy::Snapshot& tenant) {
  std::vector<std::string> keys;
  for (const auto& key : tenant.keys().signing) keys.push_back(key.public_jwk);
  return cacheable(R"({"keys":[)" + base::join(keys, ",") + "]}");
}

}  // namespace segue::oauth
