// The header of PROXY protocol version 2 (HAProxy's proxy-protocol.txt §2.2), which a proxy sends before the first byte of TLS to
// say whom it stands for. Pure: bytes in, finding out. Version 1, which is text, is refused.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace segue::http::transport {

struct ProxyHeader {
  enum class State { incomplete, complete, malformed };
  enum class Command { local, proxy };
  State state = State::malformed;
  // incomplete: as many bytes certainly belong to the header still, and one more may belong to TLS. Never 0 then.
  std::size_t missing = 0;
  // complete: `local` is the proxy itself, such as its health check; its own address stays.
  Command command = Command::proxy;
  std::string address;       // of whom it stands for, canonical; empty when it does not say (unknown, a UNIX socket)
  std::string_view problem;  // malformed: what the operator reads
};

// What fits one packet and more than proxies send; a client certificate among the fields would not fit.
inline constexpr std::size_t kMostProxyFields = 4096;

// `bytes` begin with the connection's first.
ProxyHeader parse_proxy_header(std::string_view bytes);

}  // namespace segue::http::transport
