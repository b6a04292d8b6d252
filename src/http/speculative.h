// Requests that ask what would happen.
#pragma once
#include "http/message.h"

namespace segue::http {

// HEAD and prefetch: nothing at all may happen for them (design §4).
bool is_speculative(const Request& request);

}  // namespace segue::http
