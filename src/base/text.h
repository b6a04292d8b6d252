// Small text functions.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace segue::base {

std::string ascii_lower(std::string_view text);
bool iequals(std::string_view a, std::string_view b);  // ASCII only
std::string_view trim(std::string_view text);          // spaces and tabs
// Parts between separators; empty parts are dropped.
std::vector<std::string> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
bool contains(const std::vector<std::string>& list, std::string_view item);
bool is_valid_utf8(std::string_view text);
// How many characters valid UTF-8 holds.
std::size_t character_count(std::string_view text);
// At most that many bytes of valid UTF-8, and no part of a character.
std::string shortened(std::string_view text, std::size_t most_bytes);
// True when no byte is a control character (0x00-0x1F, 0x7F): such text cannot break a header or a log line.
bool is_free_of_controls(std::string_view text);
// Decimal digits only, no sign, no overflow.
std::optional<std::int64_t> parse_integer(std::string_view text);

// RFC 3986 percent-encoding of everything but unreserved characters.
std::string percent_encode(std::string_view text);
// Nothing when a % is not followed by two hex digits.
std::optional<std::string> percent_decode(std::string_view text);
// For text inside HTML elements and quoted attributes.
std::string escape_html(std::string_view text);

}  // namespace segue::base
