// Whose address a request comes from (design §4 "Device binding", §2 `http.trusted_proxies`).
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/message.h"

namespace segue::http {

// An address in canonical text: IPv4 dotted, IPv6 compressed lower case, IPv4-mapped IPv6 as IPv4. Nothing when it is no address.
std::optional<std::string> canonical_address(std::string_view text);
// The same text for 4 or 16 bytes in network order; empty for anything else.
std::string address_of_bytes(std::string_view bytes);

struct Network {
  std::string bytes;  // 4 or 16
  int prefix = 0;
  static base::Result<Network> parse(std::string_view cidr);  // "10.0.0.0/8", "::1"
  bool contains(std::string_view canonical_address) const;
};

inline constexpr std::string_view kForwarded = "forwarded", kForwardedFor = "x-forwarded-for";

struct ForwardingRules {
  std::vector<Network> trusted_proxies;         // empty: no forwarding header is believed
  std::string header{kForwardedFor};            // or kForwarded; the one that is read
  bool trusts(std::string_view address) const;  // canonical
};

// The right-most hop that is no trusted proxy. The peer itself when it is not trusted. Empty when a trusted proxy sent something
// that is no address: unknown denies (design §8.8).
std::string caller_address(const Request& request, const ForwardingRules& rules);

}  // namespace segue::http
