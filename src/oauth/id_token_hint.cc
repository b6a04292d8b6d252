#include "oauth/id_token_hint.h"

#include "jose/jwt.h"
#include "oauth/errors.h"

namespace segue::oauth {
namespace {

base::Error not_ours() {
  return invalid_request("The id_token_hint is not an ID token that was issued here: send the one from the last sign-in.");
}

// With HS256 the client's secret is the key, and only for a client that asks for it; every other token is the tenant's.
base::Result<jose::VerifiedJwt> verify(const tenancy::Snapshot& tenant, const model::Client& client, std::string_view token) {
  if (client.id_token_signed_response_alg == "HS256") return jose::verify_jwt_hs256(token, tenant.client_secret(client).reveal());
  return jose::verify_jwt(token, [&](const jose::Header& header) -> const crypto::VerificationKey* {
    const auto* const key = tenant.keys().find(header.kid);
    return key == nullptr ? nullptr : &key->verification_key;
  });
}

bool is_issuer(const tenancy::Snapshot& tenant, const std::string& issuer) {
  for (const auto& domain : tenant.tenant().domains) {
    if (issuer == tenant.issuer(domain)) return true;
  }
  return false;
}

}  // namespace

base::Result<IdTokenHint> read_id_token_hint(const tenancy::Snapshot& tenant, std::string_view token) {
  // Whose key it is stands in the token; what is read before the check is only that.
  const auto unverified = jose::unverified_claims(token);
  const auto audience = unverified ? json::find_string(*unverified, "aud") : std::nullopt;
  IdTokenHint out;
  if (audience) out.client = tenant.client(*audience);
  if (!out.client) return not_ours();
  const auto jwt = verify(tenant, *out.client, token);
  if (!jwt.ok()) return not_ours();
  const auto& claims = jwt->claims;
  if (!is_issuer(tenant, json::find_string(claims, "iss").value_or(""))) return not_ours();
  // A logout token has the same issuer and audience (OIDC Back-Channel Logout 1.0 §2.4), and is no hint.
  if (json::find(claims, "events") != nullptr) return not_ours();
  out.subject = json::find_string(claims, "sub").value_or("");
  out.sid = json::find_string(claims, "sid").value_or("");
  out.expires_at = json::find_integer(claims, "exp").value_or(0);
  if (out.subject.empty()) return not_ours();
  return out;
}

}  // namespace segue::oauth
