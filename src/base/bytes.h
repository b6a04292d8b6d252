// Byte strings and their text forms.
#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace segue::base {

using ByteView = std::span<const std::byte>;

inline ByteView as_bytes(std::string_view text) { return {reinterpret_cast<const std::byte*>(text.data()), text.size()}; }
inline std::string_view as_text(ByteView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

// RFC 4648 §5 without padding.
std::string base64url(ByteView bytes);
inline std::string base64url(std::string_view text) { return base64url(as_bytes(text)); }
// Strict: no padding, no white space, no non-zero spare bits. The decoded bytes as a string.
std::optional<std::string> from_base64url(std::string_view text);

// RFC 4648 §4 with padding.
std::string base64(ByteView bytes);
inline std::string base64(std::string_view text) { return base64(as_bytes(text)); }
// Accepts missing padding; nothing else that is not canonical.
std::optional<std::string> from_base64(std::string_view text);

std::string hex(ByteView bytes);  // lower case
std::optional<std::string> from_hex(std::string_view text);

}  // namespace segue::base
