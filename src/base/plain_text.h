// Characters that act where they should be shown: whoever prints the text, or reads it by lines, does what they say.
#pragma once
#include <string>
#include <string_view>

namespace segue::base {

// How many bytes the character at the start has when it is one of those that end a line or move a terminal's cursor: the controls
// of ASCII and of ISO 6429 (C1: U+009B is obeyed as ESC [ is), U+2028 and U+2029. 0: it is another.
std::size_t acting_character(std::string_view text);

// A space for each of them.
std::string without_acting_characters(std::string_view text);

// Neither those nor the ones that make the rest stand in another order (U+202A to U+202E, U+2066 to U+2069), by which a text can
// look like another.
bool shows_as_it_is(std::string_view text);

}  // namespace segue::base
