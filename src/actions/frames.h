// Messages over the socket to a process: four bytes of length, most significant first, and as many of JSON.
#pragma once
#include <string>
#include <string_view>

#include "actions/deadline.h"

namespace segue::actions {

inline constexpr std::size_t kLongestFrame = 1024 * 1024;  // of what a process may answer

enum class Arrival { frame, closed, too_slow, too_large };

// The socket must not block. False when the other end is gone or takes nothing before the deadline.
bool write_frame(int socket, std::string_view text, const Deadline& deadline);
Arrival read_frame(int socket, std::string& text, const Deadline& deadline);
// True when something can be read, or the other end is gone.
bool has_input(int socket);

}  // namespace segue::actions
