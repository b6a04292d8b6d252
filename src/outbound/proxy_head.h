// The head of a request to the proxy of sandboxed code (proxy.h): CONNECT, or a request for an http:// URL.
#pragma once
#include <string>
#include <string_view>

#include "base/result.h"

namespace segue::outbound {

inline constexpr std::size_t kLongestProxyHead = 16 * 1024;

struct ProxyTarget {
  bool tunnel = false;      // CONNECT: what follows is passed on as it is
  std::string host;         // a name or an address without brackets
  unsigned short port = 0;  // 80, 443, or 1024 and above
  std::string head;         // without a tunnel: what to send to the host, the empty line included
};

// `head` ends with the empty line. The error's description goes into the answer.
base::Result<ProxyTarget> parse_proxy_head(std::string_view head);

}  // namespace segue::outbound
