#include "outbound/checked_socket.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <exception>
#include <string>

#include "http/caller_address.h"
#include "outbound/address_rules.h"

namespace segue::outbound {
namespace {

// Canonical text of a socket address; empty for a family that is not IP.
std::string text_of(const curl_sockaddr& address) {
  const auto* const generic = &address.addr;
  if (address.family == AF_INET) {
    const auto& in = reinterpret_cast<const sockaddr_in*>(generic)->sin_addr;
    return http::address_of_bytes({reinterpret_cast<const char*>(&in), sizeof in});
  }
  if (address.family == AF_INET6) {
    const auto& in = reinterpret_cast<const sockaddr_in6*>(generic)->sin6_addr;
    return http::address_of_bytes({reinterpret_cast<const char*>(&in), sizeof in});
  }
  return {};
}

}  // namespace

curl_socket_t open_checked(void* data, curlsocktype, curl_sockaddr* address) {
  auto& check = *static_cast<SocketCheck*>(data);
  try {
    if (!check.allow_private && !is_public_address(text_of(*address))) {
      check.refused = true;
      return CURL_SOCKET_BAD;
    }
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  } catch (const std::exception&) {
    return CURL_SOCKET_BAD;
  }
}

}  // namespace segue::outbound
