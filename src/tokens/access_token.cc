#include "tokens/access_token.h"

#include "base/text.h"
#include "jose/jwt.h"
#include "tokens/custom_claims.h"
#include "tokens/organization_claims.h"

namespace segue::tokens {
namespace {

base::Error invalid(std::string description) {
  return {.kind = base::ErrorKind::unauthenticated, .code = "invalid_token", .description = std::move(description)};
}

// "https://DOMAIN/" of a domain of this tenant.
std::optional<std::string> domain_of_issuer(const tenancy::Snapshot& tenant, std::string_view issuer) {
  if (!issuer.starts_with("https://") || !issuer.ends_with('/')) return std::nullopt;
  const auto domain = issuer.substr(8, issuer.size() - 9);
  for (const auto& known : tenant.tenant().domains) {
    if (known == domain) return known;
  }
  return std::nullopt;
}

base::Result<VerifiedAccessToken> verified_from(const tenancy::Snapshot& tenant, const json::object& claims, base::Instant now,
                                                std::string_view proven_jkt) {
  const auto domain = domain_of_issuer(tenant, json::find_string(claims, "iss").value_or(""));
  const auto expires = json::find_integer(claims, "exp");
  const auto subject = json::find_string(claims, "sub");
  if (!domain || !expires || !subject) return invalid("Invalid token");
  if (base::to_seconds(now) >= *expires) return invalid("Expired token received for JSON Web Token validation");
  const auto* const confirmation = json::find_object(claims, "cnf");
  const auto jkt = confirmation != nullptr ? json::find_string(*confirmation, "jkt").value_or("") : std::string();
  // RFC 7800 §3.1: a confirmation by anything else than a key of RFC 9449 is not ours.
  if (confirmation != nullptr && jkt.empty()) return invalid("Invalid token");
  if (jkt != proven_jkt) return invalid("Invalid token");
  VerifiedAccessToken out;
  out.issuer_domain = *domain;
  out.subject = *subject;
  out.scope = json::find_string(claims, "scope").value_or("");
  out.client_id = json::find_string(claims, "azp").value_or(json::find_string(claims, "client_id").value_or(""));
  out.organization_id = json::find_string(claims, "org_id").value_or("");
  out.actor = json::object_or_empty(claims, "act");
  out.audience = json::find_strings(claims, "aud");
  if (const auto single = json::find_string(claims, "aud")) out.audience = {*single};
  return out;
}

}  // namespace

bool VerifiedAccessToken::allows(std::string_view scope_value) const {
  return base::contains(base::split(scope, ' '), scope_value);
}

MintedAccessToken mint_access_token(const tenancy::Snapshot& tenant, base::Random& random, base::Instant now,
                                    const AccessTokenRequest& request) {
  const auto issuer = tenant.issuer(request.domain);
  const auto userinfo = issuer + "userinfo";
  MintedAccessToken out;
  out.jti = request.jti.empty() ? random.text(22, base::kAlphanumeric) : request.jti;
  out.expires_in = request.lifetime;

  json::object claims;
  add_custom_claims(claims, request.custom_claims, request.resource_server != nullptr && request.resource_server->is_system);
  claims["iss"] = issuer;
  claims["sub"] = request.subject;
  const auto scopes = base::split(request.scope, ' ');
  if (request.resource_server == nullptr) {
    claims["aud"] = json::array{userinfo};
  } else if (base::contains(scopes, "openid")) {  // contract §2.5: the token is good for /userinfo too
    claims["aud"] = json::array{request.resource_server->identifier, userinfo};
  } else {
    claims["aud"] = request.resource_server->identifier;
  }
  claims["iat"] = base::to_seconds(now);
  claims["exp"] = base::to_seconds(now) + request.lifetime;
  if (!request.scope.empty()) claims["scope"] = request.scope;
  if (request.resource_server != nullptr && request.resource_server->says_permissions)
    claims["permissions"] = json::to_array(request.permissions);
  add_organization(claims, tenant, request.organization_id);
  if (!request.actor.empty()) claims["act"] = request.actor;
  if (!request.jkt.empty()) claims["cnf"] = json::object{{"jkt", request.jkt}};
  // RFC 9068 §2.2, or the Auth0 dialect.
  const bool by_rfc_9068 = request.resource_server != nullptr && request.resource_server->by_rfc_9068;
  if (by_rfc_9068) {
    claims["client_id"] = request.client_id;
    claims["jti"] = out.jti;
  } else {
    if (!request.gty.empty()) claims["gty"] = request.gty;
    claims["azp"] = request.client_id;
  }

  if (request.resource_server == nullptr) {
    out.token = jose::encrypt_direct(tenant.keys().opaque_token, random, claims);
    return out;
  }
  const auto algorithm =
      crypto::signing_algorithm_from(request.resource_server->signing_alg).value_or(crypto::SignatureAlgorithm::RS256);
  const auto& key = tenant.keys().current(algorithm, now);
  out.token = jose::sign_jwt(key.key, key.kid, by_rfc_9068 ? "at+jwt" : "JWT", claims);
  return out;
}

base::Result<VerifiedAccessToken> verify_access_token(const tenancy::Snapshot& tenant, std::string_view token, base::Instant now,
                                                      std::string_view proven_jkt) {
  if (const auto opaque = jose::decrypt_direct(tenant.keys().opaque_token, token))
    return verified_from(tenant, *opaque, now, proven_jkt);
  bool known_key = false;
  auto jwt = jose::verify_jwt(token, [&](const jose::Header& header) -> const crypto::VerificationKey* {
    const auto* key = tenant.keys().find(header.kid);
    known_key = key != nullptr;
    return key == nullptr ? nullptr : &key->verification_key;
  });
  if (!jwt.ok()) {
    auto error = known_key ? invalid("Invalid signature received for JSON Web Token validation") : invalid("Invalid token");
    error.detail = jwt.error().description;
    return error;
  }
  // An ID token is signed by the same keys; it has no azp/scope pair and its audience is a client, which no endpoint of ours is.
  return verified_from(tenant, jwt->claims, now, proven_jkt);
}

}  // namespace segue::tokens
