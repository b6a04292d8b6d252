// Randomness is injected. crypto/system_random.h is the real one; tests use SeededRandom (tests/support).
#pragma once
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace segue::base {

class Random {
 public:
  virtual ~Random() = default;
  // Fills with unpredictable bytes. Safe to call from many threads.
  virtual void fill(std::span<std::byte> out) = 0;

  template <std::size_t N>
  std::array<std::byte, N> bytes() {
    std::array<std::byte, N> out;
    fill(out);
    return out;
  }
  // `length` characters drawn evenly from `alphabet` (at most 256 characters).
  std::string text(std::size_t length, std::string_view alphabet);
};

inline constexpr std::string_view kAlphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
inline constexpr std::string_view kUrlSafe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
inline constexpr std::string_view kHexDigits = "0123456789abcdef";

}  // namespace segue::base
