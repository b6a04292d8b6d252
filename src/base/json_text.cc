#include "base/json_text.h"

#include <fmt/format.h>

#include "base/plain_text.h"
#include "base/text.h"

namespace segue::base {
namespace {

// How many bytes the UTF-8 character at the start has; 0: there is none.
std::size_t character_at(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t size = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  return size <= text.size() && is_valid_utf8(text.substr(0, size)) ? size : 0;
}

}  // namespace

std::string json_text(std::string_view text, std::size_t most) {
  std::string out = "\"";
  auto rest = text.substr(0, most);
  while (!rest.empty()) {
    const auto size = character_at(rest);
    const auto first = static_cast<unsigned char>(rest.front());
    if (size == 0) {
      out += "\\ufffd";
    } else if (first == '"' || first == '\\') {
      out += '\\';
      out += rest.front();
    } else if (acting_character(rest) != 0) {
      // Of two bytes the second is the character; of three the last two bits name U+2028 or U+2029.
      const auto last = static_cast<unsigned char>(rest[size - 1]);
      out += size == 3 ? (last == 0xA8 ? "\\u2028" : "\\u2029") : fmt::format("\\u{:04x}", last);
    } else {
      out += rest.substr(0, size);
    }
    rest.remove_prefix(size == 0 ? 1 : size);
  }
  if (text.size() > most) out += fmt::format(" ({} bytes in all)", text.size());
  return out + '"';
}

}  // namespace segue::base
