// Access tokens: minted for a resource server as JWT (contract §3.6, RFC 9068), or opaque for /userinfo only; and read back.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "model/directory.h"
#include "tenancy/snapshot.h"

namespace segue::tokens {

struct AccessTokenRequest {
  std::string domain;                                      // issuer is https://DOMAIN/
  const model::ResourceServer* resource_server = nullptr;  // null: opaque
  std::string subject, client_id, scope;
  std::string gty;                // "client-credentials", "password", "refresh_token" or empty (contract §3.6)
  std::int64_t lifetime = 86400;  // seconds
  std::string organization_id;
  std::string jti = {};  // for the log; empty: drawn
  std::string jkt = {};  // the key it is bound to (RFC 9449 §6); empty: none
  json::object custom_claims = {};
  json::object actor = {};  // RFC 8693 §4.1 `act`; empty: none
  // Of the user at this API (contract §3.6). Stand in the token where the API wants that.
  std::vector<std::string> permissions = {};
};

struct MintedAccessToken {
  std::string token;
  std::string jti;  // for the log; the Auth0 dialect has no such claim
  std::int64_t expires_in = 0;
};
MintedAccessToken mint_access_token(const tenancy::Snapshot& tenant, base::Random& random, base::Instant now,
                                    const AccessTokenRequest& request);

// What a verified access token says. Only verify_access_token() makes one.
struct VerifiedAccessToken {
  std::string subject, client_id, scope, issuer_domain, organization_id;
  std::vector<std::string> audience;
  json::object actor;  // RFC 8693 §4.1; empty: none
  bool allows(std::string_view scope_value) const;
};
// Signature, issuer (any domain of the tenant), time and possession: a token that is bound to a key is taken only from a caller
// who proved that key, and one that is not bound only without a proof (RFC 9449 §7). The caller checks audience and scope. Codes:
// "invalid_token". Descriptions: "Invalid token", "Expired token received for JSON Web Token validation", "Invalid signature
// received for JSON Web Token validation" (contract §9.2).
base::Result<VerifiedAccessToken> verify_access_token(const tenancy::Snapshot& tenant, std::string_view token, base::Instant now,
                                                      std::string_view proven_jkt = {});

}  // namespace segue::tokens
