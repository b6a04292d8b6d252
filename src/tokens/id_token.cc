#include "tokens/id_token.h"

#include "base/text.h"
#include "jose/jwt.h"
#include "tokens/custom_claims.h"
#include "tokens/organization_claims.h"

namespace segue::tokens {
namespace {

// OIDC Core §5.4, in the order in which they appear in a token.
constexpr std::string_view kProfileClaims[] = {
    "name",    "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile", "picture",
    "website", "gender",     "birthdate",   "zoneinfo",    "locale"};

void copy_claim(const json::object& from, std::string_view name, json::object& to) {
  if (const auto* value = json::find(from, name); value != nullptr && !value->is_null()) to[name] = *value;
}

}  // namespace

json::object user_claims(const model::User& user, std::string_view scope) {
  const auto scopes = base::split(scope, ' ');
  json::object out{{"sub", user.user_id}};
  if (base::contains(scopes, "profile")) {
    for (const auto name : kProfileClaims) copy_claim(user.profile, name, out);
    out["updated_at"] = base::to_iso8601(user.updated_at);
  }
  if (base::contains(scopes, "email") && !user.email.empty()) {
    out["email"] = user.email;
    out["email_verified"] = user.email_verified;
  }
  if (base::contains(scopes, "phone") && json::find(user.profile, "phone_number") != nullptr) {
    copy_claim(user.profile, "phone_number", out);
    out["phone_number_verified"] = json::find_bool(user.profile, "phone_verified").value_or(false);
  }
  if (base::contains(scopes, "address")) copy_claim(user.profile, "address", out);
  return out;
}

std::string mint_id_token(const tenancy::Snapshot& tenant, base::Instant now, const IdTokenRequest& request) {
  auto claims = user_claims(*request.user, request.scope);
  add_custom_claims(claims, request.custom_claims);
  claims["iss"] = tenant.issuer(request.domain);
  claims["aud"] = request.client->client_id;
  claims["iat"] = base::to_seconds(now);
  claims["exp"] = base::to_seconds(now) + request.client->id_token_lifetime;
  if (!request.sid.empty()) claims["sid"] = request.sid;
  if (!request.nonce.empty()) claims["nonce"] = request.nonce;
  if (request.auth_time) claims["auth_time"] = base::to_seconds(*request.auth_time);
  if (!request.access_token.empty()) claims["at_hash"] = jose::half_hash(request.access_token);
  if (!request.code.empty()) claims["c_hash"] = jose::half_hash(request.code);
  if (!request.state.empty()) claims["s_hash"] = jose::half_hash(request.state);
  if (!request.actor.empty()) claims["act"] = request.actor;
  add_organization(claims, tenant, request.organization_id);

  if (request.client->id_token_signed_response_alg == "HS256") {
    return jose::sign_jwt_hs256(tenant.client_secret(*request.client).reveal(), "JWT", claims);
  }
  const auto algorithm =
      crypto::signing_algorithm_from(request.client->id_token_signed_response_alg).value_or(crypto::SignatureAlgorithm::RS256);
  const auto& key = tenant.keys().current(algorithm, now);
  return jose::sign_jwt(key.key, key.kid, "JWT", claims);
}

}  // namespace segue::tokens
