#include "base/plain_text.h"

#include <algorithm>

namespace segue::base {
namespace {

// U+2000 to U+203F, U+2040 to U+207F: the third byte decides.
bool is_general_punctuation(std::string_view text, unsigned char second, unsigned char first_third, unsigned char last_third) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  return text.size() >= 3 && byte(0) == 0xE2 && byte(1) == second && byte(2) >= first_third && byte(2) <= last_third;
}

bool turns_the_order(std::string_view text) {
  return is_general_punctuation(text, 0x80, 0xAA, 0xAE) || is_general_punctuation(text, 0x81, 0xA6, 0xA9);
}

}  // namespace

std::size_t acting_character(std::string_view text) {
  if (text.empty()) return 0;
  const auto first = static_cast<unsigned char>(text.front());
  if (first < 0x20 || first == 0x7F) return 1;
  if (first == 0xC2 && text.size() > 1 && static_cast<unsigned char>(text[1]) - 0x80U < 0x20U) return 2;
  return is_general_punctuation(text, 0x80, 0xA8, 0xA9) ? 3 : 0;
}

std::string without_acting_characters(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto acts = acting_character(text);
    out += acts == 0 ? text.front() : ' ';
    text.remove_prefix(std::max<std::size_t>(acts, 1));
  }
  return out;
}

bool shows_as_it_is(std::string_view text) {
  for (; !text.empty(); text.remove_prefix(1)) {
    if (acting_character(text) != 0 || turns_the_order(text)) return false;
  }
  return true;
}

}  // namespace segue::base
