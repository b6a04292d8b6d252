// A text as a JSON string of one line, whatever bytes a caller sent: for the operator's log, which people read in terminals.
#pragma once
#include <string>
#include <string_view>

namespace segue::base {

// With its quotes. Control characters, C1 among them (a terminal obeys U+009B as it obeys ESC [), are escaped; what is no UTF-8
// becomes U+FFFD; what is longer than `most` bytes is cut, and says so.
std::string json_text(std::string_view text, std::size_t most = 8192);

}  // namespace segue::base
