// The nonces of DPoP-Nonce (RFC 9449 §8): a time with its HMAC under the tenant's derivation key, so that every node knows them
// and none stores them. A nonce may be used many times; the jti is what counts once.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "crypto/digest.h"

namespace segue::oauth::dpop {

inline constexpr std::chrono::seconds kNonceLifetime{120};

std::string make_nonce(const crypto::HmacKey& key, base::Instant now);
// When the nonce ends, while it has not. Nothing: it is not ours, or it has ended.
std::optional<base::Instant> nonce_end(const crypto::HmacKey& key, std::string_view nonce, base::Instant now);

}  // namespace segue::oauth::dpop
