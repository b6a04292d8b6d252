#include "http/caller_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace segue::http {
namespace {

constexpr std::string_view kMappedPrefix("\0\0\0\0\0\0\0\0\0\0\xFF\xFF", 12);  // RFC 4291 §2.5.5.2

// 4 or 16 bytes in network order; IPv4-mapped IPv6 becomes 4.
std::optional<std::string> address_bytes(std::string_view text) {
  const std::string terminated(text);
  if (terminated.find('\0') != std::string::npos) return std::nullopt;
  std::array<char, 16> bytes;
  if (::inet_pton(AF_INET, terminated.c_str(), bytes.data()) == 1) return std::string(bytes.data(), 4);
  if (::inet_pton(AF_INET6, terminated.c_str(), bytes.data()) != 1) return std::nullopt;
  const std::string_view all(bytes.data(), bytes.size());
  return std::string(all.starts_with(kMappedPrefix) ? all.substr(12) : all);
}

std::string address_text(std::string_view bytes) {
  std::array<char, INET6_ADDRSTRLEN> text;
  ::inet_ntop(bytes.size() == 4 ? AF_INET : AF_INET6, bytes.data(), text.data(), text.size());
  return text.data();
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// RFC 7239 §6: node-port, digits or an obfuscated name.
bool is_node_port(std::string_view text) {
  if (!text.starts_with('_')) return is_port(text);
  constexpr std::string_view kObfuscated = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  return text.size() > 1 && text.find_first_not_of(kObfuscated, 1) == std::string_view::npos;
}

// "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:80". RFC 7239 §6: "unknown" and obfuscated
// identifiers are no address.
std::optional<std::string> node_address(std::string_view node) {
  if (node.starts_with('[')) {
    const auto close = node.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    const auto rest = node.substr(close + 1);
    if (!rest.empty() && !(rest.front() == ':' && is_node_port(rest.substr(1)))) return std::nullopt;
    const auto inside = node.substr(1, close - 1);
    return inside.find(':') == std::string_view::npos ? std::nullopt : canonical_address(inside);
  }
  if (std::count(node.begin(), node.end(), ':') == 1) {
    const auto colon = node.find(':');
    return is_node_port(node.substr(colon + 1)) ? canonical_address(node.substr(0, colon)) : std::nullopt;
  }
  return canonical_address(node);
}

// One entry per hop, left to right; an empty text is a hop without a usable address.
using Hops = std::vector<std::string>;

Hops hops_of_forwarded_for(std::string_view text) {
  Hops hops;
  while (!text.empty()) {
    const auto element = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), element.size() + 1));
    // RFC 9110 §5.6.1.2: empty list elements are ignored.
    if (const auto node = base::trim(element); !node.empty()) hops.push_back(node_address(node).value_or(""));
  }
  return hops;
}

// Reads RFC 7239 §4. Any malformed byte makes the whole header unusable: the left part is the caller's own, and an open quote
// there must not swallow what our proxies appended.
class ForwardedReader {
 public:
  explicit ForwardedReader(std::string_view text) : rest_(text) {}

  std::optional<Hops> read() {
    Hops hops;
    for (;;) {
      skip_space();
      if (rest_.empty()) return hops;
      if (rest_.front() == ',') {
        rest_.remove_prefix(1);
        continue;
      }
      auto hop = element();
      if (!hop) return std::nullopt;
      hops.push_back(std::move(*hop));
      if (!rest_.empty()) rest_.remove_prefix(1);  // the comma
    }
  }

 private:
  // Leaves rest_ empty or at a comma.
  std::optional<std::string> element() {
    std::optional<std::string> address;
    for (;;) {
      skip_space();
      const auto name = token(kToken);
      if (name.empty() || rest_.empty() || rest_.front() != '=') return std::nullopt;
      rest_.remove_prefix(1);
      const auto node = value();
      if (!node) return std::nullopt;
      if (base::iequals(name, "for")) {
        if (address) return std::nullopt;  // §4: each parameter occurs once
        address = node_address(*node).value_or("");
      }
      skip_space();
      if (rest_.empty() || rest_.front() == ',') return address.value_or("");
      if (rest_.front() != ';') return std::nullopt;
      rest_.remove_prefix(1);
    }
  }

  std::optional<std::string> value() {
    if (!rest_.starts_with('"')) {
      // Some proxies leave out the quotes around an address with a port.
      const auto plain = token(kNode);
      return plain.empty() ? std::nullopt : std::optional<std::string>(plain);
    }
    std::string out;
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == '"') {
        rest_.remove_prefix(i + 1);
        return out;
      }
      if (rest_[i] == '\\' && ++i == rest_.size()) break;
      out += rest_[i];
    }
    return std::nullopt;
  }

  std::string_view token(std::string_view allowed) {
    const auto found = rest_.substr(0, rest_.find_first_not_of(allowed));
    rest_.remove_prefix(found.size());
    return found;
  }

  void skip_space() { rest_.remove_prefix(std::min(rest_.size(), rest_.find_first_not_of(" \t"))); }

  static constexpr std::string_view kToken = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~";
  static constexpr std::string_view kNode = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~:[]";
  std::string_view rest_;
};

}  // namespace

std::optional<std::string> canonical_address(std::string_view text) {
  const auto bytes = address_bytes(text);
  return bytes ? std::optional(address_text(*bytes)) : std::nullopt;
}

base::Result<Network> Network::parse(std::string_view cidr) {
  const auto bad = [&] {
    return base::Error{
        .kind = base::ErrorKind::invalid_input,
        .code = "invalid_network",
        .description = "\"" + std::string(cidr) + "\" is no address and no network like 10.0.0.0/8 or 2001:db8::/32."};
  };
  const auto slash = cidr.find('/');
  const auto address = cidr.substr(0, slash);
  const auto bytes = address_bytes(address);
  if (!bytes) return bad();
  const int most = static_cast<int>(bytes->size()) * 8;
  if (slash == std::string_view::npos) return Network{*bytes, most};
  auto prefix = base::parse_integer(cidr.substr(slash + 1));
  // An IPv4-mapped network counts its prefix from the start of the IPv6 address.
  if (prefix && bytes->size() == 4 && address.find(':') != std::string_view::npos) *prefix -= 96;
  if (!prefix || *prefix < 0 || *prefix > most) return bad();
  return Network{*bytes, static_cast<int>(*prefix)};
}

bool Network::contains(std::string_view canonical_address) const {
  const auto other = address_bytes(canonical_address);
  if (!other || other->size() != bytes.size()) return false;
  const auto whole = static_cast<std::size_t>(prefix / 8);
  if (other->compare(0, whole, bytes, 0, whole) != 0) return false;
  const int spare = prefix % 8;
  if (spare == 0) return true;
  const auto difference = static_cast<unsigned char>((*other)[whole] ^ bytes[whole]);
  return (difference >> (8 - spare)) == 0;
}

std::string address_of_bytes(std::string_view bytes) {
  return bytes.size() == 4 || bytes.size() == 16 ? address_text(bytes.starts_with(kMappedPrefix) ? bytes.substr(12) : bytes) : "";
}

bool ForwardingRules::trusts(std::string_view address) const {
  return std::any_of(trusted_proxies.begin(), trusted_proxies.end(),
                     [&](const Network& network) { return network.contains(address); });
}

std::string caller_address(const Request& request, const ForwardingRules& rules) {
  auto peer = canonical_address(request.peer_address).value_or("");
  if (peer.empty() || !rules.trusts(peer)) return peer;

  std::string header;  // RFC 9110 §5.3: several fields of one name are one list
  for (const auto& value : request.headers.find_all(rules.header)) header.append(header.empty() ? "" : ", ").append(value);
  const auto hops = rules.header == kForwarded ? ForwardedReader(header).read() : std::optional(hops_of_forwarded_for(header));
  if (!hops) return {};
  for (auto hop = hops->rbegin(); hop != hops->rend(); ++hop) {
    if (hop->empty() || !rules.trusts(*hop)) return *hop;
  }
  // Nobody but our own proxies is named: whose address it is stays unknown, and unknown denies (design §8.8).
  return {};
}

}  // namespace segue::http
