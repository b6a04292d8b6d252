#include "base/json_text.h"

#include <fmt/format.h>

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
    } else if (first < 0x20 || first == 0x7F) {
      out += fmt::format("\\u{:04x}", first);
    } else if (first == 0xC2 && static_cast<unsigned char>(rest[1]) < 0xA0) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned char>(rest[1]));
    } else {
      out += rest.substr(0, size);
    }
    rest.remove_prefix(size == 0 ? 1 : size);
  }
  if (text.size() > most) out += fmt::format(" ({} bytes in all)", text.size());
  return out + '"';
}

}  // namespace segue::base
