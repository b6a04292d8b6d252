// The keys that sign a tenant's tokens, and the one rule of their rotation: a key signs only when every key set lists it.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "crypto/signing_key.h"
#include "store/signing_keys.h"
#include "tenancy/key_file.h"

namespace segue::tenancy {

// Every tenant has keys of each.
inline constexpr crypto::SignatureAlgorithm kSigningAlgorithms[] = {crypto::SignatureAlgorithm::RS256,
                                                                    crypto::SignatureAlgorithm::ES256};

// How long a cache may keep a key set.
inline constexpr std::chrono::seconds kKeySetLifetime{15};
// How long a new key is listed before it signs: the caches, the second in which other nodes take a change in, and clocks that
// differ by the five seconds that a ready node may be off, twice. Only a rotation right after another one ever waits for it.
inline constexpr std::chrono::seconds kSigningDelay = kKeySetLifetime + std::chrono::seconds(15);

// Written as the wire's words (contract §5.2).
enum class KeyState { current, next, previous };
std::string_view to_text(KeyState state);

// A signing key as the tenant uses it.
struct TenantSigningKey {
  std::string kid;
  KeyState state = KeyState::previous;
  std::string certificate;
  base::Instant current_since{};  // or made, while it is next
  std::optional<base::Instant> published_at;
  crypto::SigningKey key;
  crypto::VerificationKey verification_key;
  std::string public_jwk;  // the JSON text, as the key set publishes it
};

// A new key with its certificate for `domain`, sealed. Not in a transaction: an RSA key takes a tenth of a second.
store::signing_keys::Row make_signing_key(const KeyFile& key_file, base::Random& random, base::TenantId tenant,
                                          std::string_view domain, crypto::SignatureAlgorithm algorithm, KeyState state,
                                          base::Instant now);
// Nothing: the key is of an algorithm that this program does not know. Throws std::runtime_error with a text for the operator
// when the key file does not open it.
std::optional<TenantSigningKey> open_signing_key(const KeyFile& key_file, base::TenantId tenant,
                                                 const store::signing_keys::Row& row);

}  // namespace segue::tenancy
