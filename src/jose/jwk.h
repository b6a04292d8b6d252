// Public keys that others show us, as JWK (RFC 7517).
#pragma once
#include <string>

#include "base/result.h"
#include "crypto/signing_key.h"
#include "json/value.h"

namespace segue::jose {

// The key of a public JWK, for use with `algorithm`: RSA numbers for RS256, RS384 and PS256, a point of P-256 for ES256. Refuses
// private and symmetric members, a `use`, `key_ops` or `alg` that speaks against it, and numbers that are not in their one
// canonical form. Errors have code "invalid_token".
base::Result<crypto::VerificationKey> parse_public_jwk(const json::object& jwk, crypto::SignatureAlgorithm algorithm);
// RFC 7638 with SHA-256, base64url.
std::string jwk_thumbprint(const crypto::VerificationKey& key);

}  // namespace segue::jose
