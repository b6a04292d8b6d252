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

bool is_top_level_navigation(const Request& request) {
  if (is_speculative(request)) return false;
  // Every browser that sends Sec-Fetch-Mode sends Sec-Fetch-Dest too; a mode alone comes from an HTTP library.
  const auto destination = request.headers.find("sec-fetch-dest");
  if (!destination) return true;
  return *destination == "document" && request.headers.find("sec-fetch-mode").value_or("navigate") == "navigate";
}

}  // namespace segue::http
