// The head of a request to the proxy of sandboxed code: what is passed on is one head, to one host, on an allowed port.
#include "outbound/proxy_head.h"
#include "base/text.h"
#include "target.h"

using namespace segue;
using fuzz::must;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::Input(data, size).rest();
  const auto target = outbound::parse_proxy_head(text);
  if (!target.ok()) return 0;
  must(target->port == 80 || target->port == 443 || target->port >= 1024, "an allowed port");
  must(!target->host.empty() && base::is_free_of_controls(target->host), "a host");
  must(target->host.find_first_of("/@[] ") == std::string::npos, "nothing but a host");
  if (target->tunnel) {
    must(target->head.empty(), "a tunnel passes on what follows only");
    return 0;
  }
  must(target->head.ends_with("Connection: close\r\n\r\n"), "one request to a connection");
  must(target->head.find("\r\n\r\n") == target->head.size() - 4, "one head");
  return 0;
}
