#include "management/link_with.h"

#include "jose/jwt.h"
#include "management/errors.h"

namespace segue::management {

base::Result<LinkWith> read_link_with(const tenancy::Snapshot& tenant, const tokens::VerifiedAccessToken& caller,
                                      std::string_view token, base::Instant now) {
  // A client's secret signs for that client only; it is no word of ours to anybody else. So HS256 is refused.
  const auto jwt = jose::verify_jwt(token, [&](const jose::Header& header) -> const crypto::VerificationKey* {
    const auto* const key = tenant.keys().find(header.kid);
    return key == nullptr ? nullptr : &key->verification_key;
  });
  if (!jwt.ok()) return invalid_body("Invalid token (link_with). It is no ID token that was signed here with RS256 or ES256");
  const auto& claims = jwt->claims;
  if (json::find_integer(claims, "exp").value_or(0) <= base::to_seconds(now))
    return bad_token("Token has expired or signature is invalid");
  if (json::find_string(claims, "iss") != tenant.issuer(caller.issuer_domain))
    return invalid_body("JWT (link_with) must have the same issuer as the calling user");
  const auto audience = json::find_string(claims, "aud");
  if (!audience) return invalid_body("JWT (link_with) contains an invalid aud claim");
  if (*audience != caller.client_id)
    return invalid_body("JWT (link_with) must have an aud claim that matches that of the calling token's azp");
  // A logout token has the same issuer and audience (OIDC Back-Channel Logout 1.0 §2.4), and says who left.
  if (json::find(claims, "events") != nullptr) return invalid_body("Invalid token (link_with). It is no ID token");
  const auto* const subject = json::find(claims, "sub");
  if (subject == nullptr) return invalid_body("JWT (link_with) must contains sub claim");
  if (!subject->is_string()) return invalid_body("JWT (link_with) contains an invalid sub claim");
  return LinkWith{std::string(json::to_view(subject->get_string())), json::find_integer(claims, "iat").value_or(0)};
}

bool still_proves(const LinkWith& proof, const model::User& user) {
  return !user.blocked && proof.issued_at >= base::to_seconds(user.password_epoch);
}

}  // namespace segue::management
