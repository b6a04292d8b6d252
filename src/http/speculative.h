// What a browser asks for: only what would happen, or a page for its window.
#pragma once
#include "http/message.h"

namespace segue::http {

// HEAD and prefetch: nothing at all may happen for them (design §4).
bool is_speculative(const Request& request);
// Not HEAD, prefetch and prerender, frames, sub-resources. Absent Sec-Fetch-* headers count as top-level: curl and native SDKs
// send none.
bool is_top_level_navigation(const Request& request);

}  // namespace segue::http
