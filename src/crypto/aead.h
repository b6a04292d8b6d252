// AES-256-GCM for what is stored or handed out and must be read again by us only.
#pragma once
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/random.h"

namespace segue::crypto {

// Safe to use from many threads.
class AeadKey {
 public:
  explicit AeadKey(base::ByteView key);  // 32 bytes
  ~AeadKey();
  AeadKey(AeadKey&&) noexcept;
  AeadKey& operator=(AeadKey&&) noexcept;

  // nonce (12) ‖ ciphertext ‖ tag (16). `context` is authenticated, not contained: it names what the plaintext is for.
  std::string seal(base::Random& random, std::string_view plaintext, std::string_view context) const;
  // Nothing when key, context or a bit differs.
  std::optional<std::string> open(std::string_view sealed, std::string_view context) const;

  struct Parts {
    std::string iv, ciphertext, tag;
  };
  // The same in parts, for compact JWE (RFC 7516).
  Parts seal_parts(base::Random& random, std::string_view plaintext, std::string_view context) const;
  std::optional<std::string> open_parts(const Parts& parts, std::string_view context) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// One AES-256 block, for the id part of a handle (design §4): a permutation, so 16 bytes stay 16 bytes.
class BlockCipher {
 public:
  using Block = std::array<std::byte, 16>;
  explicit BlockCipher(base::ByteView key);  // 32 bytes
  ~BlockCipher();
  BlockCipher(BlockCipher&&) noexcept;
  BlockCipher& operator=(BlockCipher&&) noexcept;
  Block encrypt(const Block& plain) const;
  Block decrypt(const Block& cipher) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace segue::crypto
