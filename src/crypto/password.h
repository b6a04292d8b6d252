// Password hashes. Slow by design: call only on the hashing lane.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "crypto/secret.h"

namespace segue::crypto {

struct PasswordCost {
  unsigned long long operations = 2;
  std::size_t memory_bytes = 19 * 1024 * 1024;  // OWASP's argon2id minimum
};

// Argon2id in libsodium's text form ($argon2id$v=19$…).
std::string hash_password(const Secret& password, const PasswordCost& cost);

enum class PasswordMatch { no, yes, yes_but_rehash };  // yes_but_rehash: right, and the hash is bcrypt or of another cost
// `hash` is argon2id or bcrypt ($2a$, $2b$, $2y$). Anything else matches nothing.
PasswordMatch verify_password(const Secret& password, std::string_view hash, const PasswordCost& cost);
// True for a hash that verify_password can read.
bool is_supported_password_hash(std::string_view hash);

}  // namespace segue::crypto
