// JSON Web Tokens (RFC 7519) over JWS (RFC 7515), compact form only. `none`, `crit`, `jku`, `x5u` and `jwk` headers are refused;
// only a caller that says so (DPoP) meets a `jwk`.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/aead.h"
#include "crypto/digest.h"
#include "crypto/signing_key.h"
#include "json/value.h"

namespace segue::jose {

struct Header {
  std::string alg;
  std::string kid;
  std::string typ;
  json::object members = {};  // all of it
};

// `{"alg":…,"typ":…,"kid":…}`.`claims`.signature
std::string sign_jwt(const crypto::SigningKey& key, std::string_view kid, std::string_view typ, const json::object& claims);
// HS256, for clients whose jwt_configuration.alg asks for it (contract §3.6). `secret` is at least 32 bytes.
std::string sign_jwt_hs256(std::string_view secret, std::string_view typ, const json::object& claims);

struct VerifiedJwt {
  Header header;
  json::object claims;
};
// Finds the key for a header; null means that no key of ours signed it. The key's own algorithm must equal the header's.
using KeyFinder = std::function<const crypto::VerificationKey*(const Header&)>;
enum class EmbeddedKey { refused, for_the_key_finder };
// What a caller takes. The default is what our own keys sign.
struct Acceptance {
  std::vector<crypto::SignatureAlgorithm> algorithms = {crypto::SignatureAlgorithm::RS256, crypto::SignatureAlgorithm::ES256};
  EmbeddedKey jwk = EmbeddedKey::refused;  // the header `jwk`: a key of the sender's choice, which proves possession and no more
};
// Verifies structure and signature; the caller checks claims. Tokens above 16 KiB are refused. Errors have code "invalid_token".
base::Result<VerifiedJwt> verify_jwt(std::string_view token, const KeyFinder& find_key, const Acceptance& accepted = {});
// The same for HS256 under a secret of at least 32 bytes: an ID token of a client that asks for it.
base::Result<VerifiedJwt> verify_jwt_hs256(std::string_view token, std::string_view secret);
// What the token says before anything is proven, to find whose keys to ask. Nothing when it is malformed.
std::optional<json::object> unverified_claims(std::string_view token);

// Compact JWE with {"alg":"dir","enc":"A256GCM"} (RFC 7516): the opaque access token.
std::string encrypt_direct(const crypto::AeadKey& key, base::Random& random, const json::object& claims);
std::optional<json::object> decrypt_direct(const crypto::AeadKey& key, std::string_view token);

// The public JWK (RFC 7517) with kty, use, alg, kid and the numbers; x5c and x5t when `certificate_pem` is not empty.
json::object public_jwk(const crypto::SigningKey& key, std::string_view kid, std::string_view certificate_pem);
// OIDC Core §3.1.3.6: left half of SHA-256 over the token's ASCII, base64url.
std::string half_hash(std::string_view token);

}  // namespace segue::jose
