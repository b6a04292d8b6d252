#include "oauth/client_assertion.h"

#include "oauth/client_jwt.h"
#include "oauth/errors.h"
#include "store/one_time_identifiers.h"
#include "tenancy/claim_once.h"

namespace segue::oauth {
namespace {

constexpr std::int64_t kLongestLife = 300;  // seconds from now to exp (contract §3.2)
// A node whose clock is behind still knows an assertion that has just expired here.
constexpr auto kRememberedLonger = std::chrono::minutes(1);
constexpr std::string_view kTypes[] = {"JWT", "client-authentication+jwt"};

// RFC 7523 §3 (3): the issuer names the server; the token endpoint's address does too, and clients send either. At the endpoint
// for pushed requests its own address counts (RFC 9126 §2).
std::vector<std::string> audiences_of(const tenancy::Snapshot& tenant) {
  auto out = issuers_of(tenant);
  for (const auto& domain : tenant.tenant().domains) {
    out.push_back(tenant.issuer(domain) + "oauth/token");
    out.push_back(tenant.issuer(domain) + "oauth/par");
  }
  return out;
}

// RFC 7523 §3 (1), (2): in an assertion of a client about itself both name the client.
Refusal check_parties(const json::object& claims, std::string_view client_id) {
  if (json::find_string(claims, "iss") != client_id) return "iss must be the client_id";
  if (json::find_string(claims, "sub") != client_id) return "sub must be the client_id";
  return std::nullopt;
}

// RFC 7523 §3 (4): short, so that what is remembered of it is little.
Refusal check_life(const json::object& claims, base::Instant now) {
  const auto exp = json::find_integer(claims, "exp");
  if (!exp) return "exp is missing: give it a minute";
  if (*exp > base::to_seconds(now) + kLongestLife + kClockSkew) return "exp is more than 5 minutes ahead";
  return std::nullopt;
}

// RFC 7523 §3 (7), made a duty: without it an assertion could be presented again.
Refusal require_jti(const json::object& claims) {
  if (json::find(claims, "jti") == nullptr) return "jti is missing: give each assertion a random one";
  return check_jti(claims);
}

}  // namespace

Error assertion_refused(std::string_view why, std::string detail) {
  return {.kind = ErrorKind::unauthenticated,
          .code = "invalid_client",
          .description = "The client_assertion is refused: " + std::string(why) + ".",
          .detail = std::move(detail),
          .status = 401};
}

std::optional<std::string> claimed_client(std::string_view assertion) {
  const auto claims = jose::unverified_claims(assertion);
  return claims ? json::find_string(*claims, "sub") : std::nullopt;
}

base::Outcome check_assertion_claims(const json::object& claims, const tenancy::Snapshot& tenant, std::string_view client_id,
                                     base::Instant now) {
  for (auto& refusal : {check_parties(claims, client_id), check_audience(claims, audiences_of(tenant)), check_times(claims, now),
                        check_life(claims, now), require_jti(claims)}) {
    if (refusal) return assertion_refused(*refusal);
  }
  return base::Unit{};
}

base::Outcome check_client_assertion(const tenancy::Snapshot& tenant, http::Call& call, const model::Client& client,
                                     std::string_view assertion) {
  const auto verified = verify_client_jwt(tenant, client, client.private_key_jwt_credentials, assertion, kTypes, call.received);
  if (!verified.ok()) return assertion_refused(verified.error().description, verified.error().detail);
  const auto& claims = verified->claims;
  TRY(check_assertion_claims(claims, tenant, client.client_id, call.received));
  const auto forgotten_at = base::from_seconds(*json::find_integer(claims, "exp")) + kRememberedLonger;
  if (!tenancy::claim_once(tenant, call, store::one_time_identifiers::kClientAssertion, client.client_id,
                           *json::find_string(claims, "jti"), forgotten_at)) {
    return assertion_refused("it was presented before (jti): sign a new one for each request");
  }
  return base::Unit{};
}

}  // namespace segue::oauth
