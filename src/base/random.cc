#include "base/random.h"

namespace segue::base {

std::string Random::text(std::size_t length, std::string_view alphabet) {
  // Rejection sampling: bytes at or above the largest multiple of the alphabet's size would favour its first characters.
  const unsigned limit = 256 - 256 % static_cast<unsigned>(alphabet.size());
  std::string out;
  out.reserve(length);
  while (out.size() < length) {
    for (const auto b : bytes<64>()) {
      const auto v = std::to_integer<unsigned>(b);
      if (v < limit && out.size() < length) out += alphabet[v % alphabet.size()];
    }
  }
  return out;
}

}  // namespace segue::base
