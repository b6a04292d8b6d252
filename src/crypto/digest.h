// Hashes and MACs. EVP objects are fetched once per process and contexts are reused per thread.
#pragma once
#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace segue::crypto {

using Sha256 = std::array<std::byte, 32>;

Sha256 sha256(std::string_view data);
std::string sha384(std::string_view data);   // 48 raw bytes
std::string sha512(std::string_view data);   // 64 raw bytes
std::string md5_hex(std::string_view data);  // for Gravatar addresses only
bool equal_in_constant_time(base::ByteView a, base::ByteView b);
// Empties OpenSSL's error queue of this thread after a library that leaves it filled: a stale entry would mislead TLS.
void forget_errors();

// HMAC-SHA-256 under one key. Safe to use from many threads.
class HmacKey {
 public:
  explicit HmacKey(base::ByteView key);
  ~HmacKey();
  HmacKey(HmacKey&&) noexcept;
  HmacKey& operator=(HmacKey&&) noexcept;
  Sha256 mac(std::string_view data) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace segue::crypto
