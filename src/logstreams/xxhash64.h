// XXH64 with seed 0, of short texts: what log streams replace personal data by (contract §7.3 pii_config.algorithm). No secret:
// whoever guesses a value can confirm it.
#pragma once
#include <bit>
#include <cstdint>
#include <string_view>

namespace segue::logstreams {

inline std::uint64_t xxhash64(std::string_view text) {
  constexpr std::uint64_t k1 = 0x9E3779B185EBCA87, k2 = 0xC2B2AE3D27D4EB4F, k3 = 0x165667B19E3779F9, k4 = 0x85EBCA77C2B2AE63,
                          k5 = 0x27D4EB2F165667C5;
  const auto read = [](std::string_view from, int bytes) {
    std::uint64_t out = 0;
    for (int i = bytes - 1; i >= 0; --i) out = out << 8 | static_cast<unsigned char>(from[static_cast<std::size_t>(i)]);
    return out;
  };
  const auto round = [](std::uint64_t lane, std::uint64_t input) { return std::rotl(lane + input * k2, 31) * k1; };

  const auto length = static_cast<std::uint64_t>(text.size());
  std::uint64_t hash = k5;
  if (text.size() >= 32) {
    std::uint64_t lanes[] = {k1 + k2, k2, 0, 0 - k1};
    for (; text.size() >= 32; text.remove_prefix(32)) {
      for (std::size_t i = 0; i < 4; ++i) lanes[i] = round(lanes[i], read(text.substr(8 * i), 8));
    }
    hash = std::rotl(lanes[0], 1) + std::rotl(lanes[1], 7) + std::rotl(lanes[2], 12) + std::rotl(lanes[3], 18);
    for (const auto lane : lanes) hash = (hash ^ round(0, lane)) * k1 + k4;
  }
  hash += length;
  for (; text.size() >= 8; text.remove_prefix(8)) hash = std::rotl(hash ^ round(0, read(text, 8)), 27) * k1 + k4;
  if (text.size() >= 4) {
    hash = std::rotl(hash ^ read(text, 4) * k1, 23) * k2 + k3;
    text.remove_prefix(4);
  }
  for (; !text.empty(); text.remove_prefix(1)) hash = std::rotl(hash ^ read(text, 1) * k5, 11) * k1;
  hash = (hash ^ hash >> 33) * k2;
  hash = (hash ^ hash >> 29) * k3;
  return hash ^ hash >> 32;
}

}  // namespace segue::logstreams
