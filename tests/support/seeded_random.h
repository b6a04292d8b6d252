// Reproducible bytes for tests. Never for anything else.
#pragma once
#include <mutex>
#include <random>

#include "base/random.h"

namespace segue::test {

class SeededRandom final : public base::Random {
 public:
  explicit SeededRandom(std::uint64_t seed = 1) : engine_(seed) {}
  void fill(std::span<std::byte> out) override {
    const std::scoped_lock lock(mutex_);
    for (auto& b : out) b = static_cast<std::byte>(engine_() & 255);
  }

 private:
  std::mutex mutex_;
  std::mt19937_64 engine_;
};

}  // namespace segue::test
