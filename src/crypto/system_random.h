// The operating system's randomness through OpenSSL. Built only by app/.
#pragma once
#include <array>
#include <cstddef>
#include <mutex>

#include "base/random.h"

namespace segue::crypto {

// A call of the generator costs far more than the few bytes of an id, so bytes are drawn in stock. Whoever can read a stock can
// read the generator's state beside it, which foretells bytes just as well; those that were handed out are wiped from the stock,
// so it says nothing about ids already given. A fork would hand out the same stock twice: no Segue process forks after its start.
class SystemRandom final : public base::Random {
 public:
  ~SystemRandom() override;
  void fill(std::span<std::byte> out) override;  // throws base::Bug when the system gives none

 private:
  struct Stock {
    std::mutex mutex;
    std::size_t left = 0;  // the first so many of `bytes`
    std::array<std::byte, 1024> bytes;
  };
  // Several, so that threads seldom meet at one.
  std::array<Stock, 16> stocks_;
};

}  // namespace segue::crypto
