// JSON text of a record, written without a document in between: the request that is logged waits for it.
#pragma once
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace segue::audit {

// The longest prefix of at most `limit` bytes that does not cut a character.
inline std::string_view cut(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0) == 0x80) --limit;
  return text.substr(0, limit);
}

// The length of the well-formed UTF-8 sequence at the start of `text`, 0 when there is none (RFC 3629 §4).
inline std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  const unsigned char low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const unsigned char high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  if (byte(1) < low || byte(1) > high) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  return length;
}

inline constexpr std::string_view kReplacementCharacter = "\xEF\xBF\xBD";

// Replaces what is not UTF-8: PostgreSQL stores no other text.
inline void append_utf8(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const auto length = sequence_length(text);
    out += length == 0 ? kReplacementCharacter : text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
}

// RFC 8259 §7. A NUL, which no text column holds, is replaced as well.
inline void append_json_string(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  std::size_t plain = 0;
  for (std::size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
      ++i;
      continue;
    }
    const auto length = c < 0x80 ? 1 : sequence_length(text.substr(i));
    if (length > 1) {
      i += length;
      continue;
    }
    out += text.substr(plain, i - plain);
    if (length == 0 || c == 0) {
      out += kReplacementCharacter;
    } else if (c == '"' || c == '\\') {
      out += '\\';
      out += static_cast<char>(c);
    } else {
      out += "\\u00";
      out += kHex[c >> 4];
      out += kHex[c & 15];
    }
    plain = ++i;
  }
  out += text.substr(plain);
  out += '"';
}

}  // namespace segue::audit
