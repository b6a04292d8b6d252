#include "outbound/address_rules.h"

#include <algorithm>
#include <string>
#include <vector>

#include "http/caller_address.h"

namespace segue::outbound {
namespace {

using Networks = std::vector<http::Network>;

Networks parse(std::initializer_list<std::string_view> texts) {
  Networks out;
  for (const auto text : texts) out.push_back(http::Network::parse(text).value());
  return out;
}

bool contain(const Networks& networks, std::string_view address) {
  return std::any_of(networks.begin(), networks.end(), [&](const auto& network) { return network.contains(address); });
}

// IANA's special-purpose registries (RFC 6890 and its updates), with multicast and what is reserved. The metadata services of
// cloud providers are link-local or unique-local.
const Networks& special_ipv4() {
  static const Networks all =
      parse({"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
             "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
             "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"});
  return all;
}

// Of IPv6 only global unicast is public, and of that not what tunnels (Teredo, 6to4: an IPv4 address hides inside) or documents.
const Networks& global_ipv6() {
  static const Networks all = parse({"2000::/3"});
  return all;
}
const Networks& special_ipv6() {
  static const Networks all = parse({"2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20"});
  return all;
}

}  // namespace

bool is_public_address(std::string_view address) {
  if (address.empty()) return false;
  // An IPv4-mapped address is IPv4 in canonical text.
  if (address.find(':') == std::string_view::npos) return http::canonical_address(address) && !contain(special_ipv4(), address);
  return contain(global_ipv6(), address) && !contain(special_ipv6(), address);
}

}  // namespace segue::outbound
