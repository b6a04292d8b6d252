#include "http/speculative.h"

#include "base/text.h"

namespace segue::http {

bool is_speculative(const Request& request) {
  if (request.method == Method::head) return true;
  // Fetch Metadata / Speculation Rules: `Sec-Purpose: prefetch` or `prefetch;prerender`; older browsers say Purpose or X-Moz.
  for (const auto* name : {"sec-purpose", "purpose", "x-moz", "x-purpose"}) {
    const auto value = base::ascii_lower(request.headers.find(name).value_or(""));
    if (value.find("prefetch") != std::string::npos || value.find("preview") != std::string::npos) return true;
  }
  return false;
}

}  // namespace segue::http
