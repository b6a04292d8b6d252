// Random names that sort by the time they were made.
#pragma once
#include <string>

#include "base/clock.h"
#include "base/random.h"

namespace segue::base {

// As many letters and digits: eight tell the millisecond, the others are random. For names that are no secrets: an index takes
// them at its end, where random ones dirty a page each.
inline std::string ordered_text(Random& random, std::size_t length, Instant now) {
  constexpr std::string_view kSorted = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  constexpr std::size_t kTimeDigits = 8;
  std::string out(kTimeDigits, '0');
  auto left = static_cast<std::uint64_t>(to_micros(now) / 1000);
  for (auto digit = out.rbegin(); digit != out.rend(); ++digit, left /= kSorted.size()) *digit = kSorted[left % kSorted.size()];
  return out + random.text(length - kTimeDigits, kSorted);
}

}  // namespace segue::base
