#include "crypto/secret.h"

#include <openssl/crypto.h>

#include "crypto/digest.h"

namespace segue::crypto {

// The whole capacity: a short text that was moved away or shortened still stands in the buffer behind size().
void Secret::wipe() {
  text_.resize(text_.capacity());
  OPENSSL_cleanse(text_.data(), text_.size());
  text_.clear();
}

Secret& Secret::operator=(const Secret& other) {
  if (this == &other) return *this;
  wipe();
  text_ = other.text_;
  return *this;
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this == &other) return *this;
  wipe();
  text_ = std::move(other.text_);
  other.wipe();
  return *this;
}

bool Secret::equals_in_constant_time(std::string_view other) const {
  return crypto::equal_in_constant_time(base::as_bytes(text_), base::as_bytes(other));
}

}  // namespace segue::crypto
