// The operating system's randomness through OpenSSL. Built only by app/.
#pragma once
#include "base/random.h"

namespace segue::crypto {

class SystemRandom final : public base::Random {
 public:
  void fill(std::span<std::byte> out) override;  // throws base::Bug when the system gives none
};

}  // namespace segue::crypto
