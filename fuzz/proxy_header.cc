// The address is canonical or empty; only bytes of the header are asked for, so that TLS finds its own; what is complete stays so
// whatever follows within its length, and a prefix of it is never malformed.
#include "http/transport/proxy_header.h"

#include "http/caller_address.h"
#include "target.h"

using namespace segue;
using fuzz::must;
using http::transport::parse_proxy_header;
using State = http::transport::ProxyHeader::State;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto found = parse_proxy_header(bytes);
  must(found.address.empty() || http::canonical_address(found.address) == found.address, "canonical");
  must((found.state == State::malformed) == !found.problem.empty(), "a refusal says why");
  must((found.state == State::incomplete) == (found.missing > 0), "what is incomplete asks for more");
  must(found.missing <= 16 + http::transport::kMostProxyFields, "bounded");
  if (found.state != State::complete) return 0;
  std::size_t taken = 0;
  for (;;) {  // as the session reads it
    const auto step = parse_proxy_header(bytes.substr(0, taken));
    if (step.state == State::complete) break;
    must(step.state == State::incomplete && taken + step.missing <= size, "no byte beyond the header");
    taken += step.missing;
  }
  must(parse_proxy_header(bytes.substr(0, taken)).address == found.address, "the same address");
  return 0;
}
