#include "outbound/proxy_head.h"

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace segue::outbound {
namespace {

constexpr std::string_view kScheme = "http://";

base::Error refused(std::string_view why) {
  return {.kind = base::ErrorKind::invalid_input, .code = "invalid_request", .description = std::string(why)};
}

bool is_host(std::string_view host) {
  return !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
           c == ':';
  });
}

// RFC 3986 §3.2 without user information. A port of 0 means that there was none.
base::Outcome read_authority(std::string_view authority, std::int64_t default_port, ProxyTarget& out) {
  std::string_view host = authority, port;
  if (authority.starts_with('[')) {
    const auto end = authority.find(']');
    if (end == std::string_view::npos) return refused("the host is malformed");
    host = authority.substr(1, end - 1);
    port = authority.substr(end + 1);
    if (!port.empty() && !port.starts_with(':')) return refused("the host is malformed");
    if (!port.empty()) port.remove_prefix(1);
  } else if (const auto colon = authority.find(':'); colon != std::string_view::npos) {
    host = authority.substr(0, colon);
    port = authority.substr(colon + 1);
    if (port.find(':') != std::string_view::npos) return refused("the host is malformed");
  }
  if (!is_host(host)) return refused("the host is malformed");
  const auto number = port.empty() ? std::optional(default_port) : base::parse_integer(port);
  if (!number || *number < 1 || *number > 65535) return refused("the port is malformed");
  // Mail, databases with fixed low ports and the like are nothing for Actions.
  if (*number != 80 && *number != 443 && *number < 1024)
    return refused("only the ports 80, 443 and those from 1024 on may be called");
  out.host = host;
  out.port = static_cast<unsigned short>(*number);
  return base::Unit{};
}

// The fields for the host behind the proxy. One request to a connection: the next could name another host.
std::string forwarded_fields(std::string_view fields) {
  std::string out;
  while (!fields.empty()) {
    const auto end = fields.find("\r\n");
    const auto line = fields.substr(0, end);
    fields = end == std::string_view::npos ? "" : fields.substr(end + 2);
    if (line.empty()) continue;
    const auto name = base::ascii_lower(line.substr(0, line.find(':')));
    if (name == "connection" || name == "keep-alive" || name.starts_with("proxy-")) continue;
    out += std::string(line) + "\r\n";
  }
  return out + "Connection: close\r\n\r\n";
}

}  // namespace

base::Result<ProxyTarget> parse_proxy_head(std::string_view head) {
  const auto end = head.find("\r\n");
  if (end == std::string_view::npos) return refused("no request line");
  const auto line = head.substr(0, end);
  if (!base::is_free_of_controls(line)) return refused("the request line is malformed");
  const auto first = line.find(' '), last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return refused("the request line is malformed");
  const auto method = line.substr(0, first), target = line.substr(first + 1, last - first - 1), version = line.substr(last + 1);
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return refused("HTTP/1.1 only");
  ProxyTarget out;
  if (method == "CONNECT") {
    out.tunnel = true;
    TRY(read_authority(target, 0, out));
    return out;
  }
  if (method.empty() || target.find(' ') != std::string_view::npos) return refused("the request line is malformed");
  if (!base::iequals(target.substr(0, kScheme.size()), kScheme)) return refused("CONNECT or an http:// URL is needed");
  const auto rest = target.substr(kScheme.size());
  const auto path = std::min(rest.find_first_of("/?"), rest.size());
  TRY(read_authority(rest.substr(0, path), 80, out));
  const auto asked = rest.substr(path);
  out.head = std::string(method) + " " + (asked.starts_with('/') ? "" : "/") + std::string(asked) + " HTTP/1.1\r\n" +
             forwarded_fields(head.substr(end + 2));
  return out;
}

}  // namespace segue::outbound
