#include "management/uri.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "http/caller_address.h"
#include "outbound/address_rules.h"

namespace segue::management {
namespace {

bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Contract §2.3: `*` stands once, in the left-most label of an http or https host, with at least two labels behind it.
bool wildcard_is_allowed(const UriParts& uri, std::string_view text) {
  const auto stars = std::count(text.begin(), text.end(), '*');
  if (stars == 0) return true;
  if (stars > 1 || (uri.scheme != "http" && uri.scheme != "https")) return false;
  const auto dot = uri.host.find('.');
  if (dot == std::string::npos || uri.host.substr(0, dot).find('*') == std::string::npos) return false;
  const auto parent = uri.host.substr(dot + 1);
  return parent.find('.') != std::string::npos && parent.front() != '.' && parent.back() != '.';
}

// {organization_name}: the whole left-most label, once, without `*`.
bool placeholders_are_allowed(const UriParts& uri, std::string_view text) {
  constexpr std::string_view kOrganization = "{organization_name}";
  const auto open = text.find('{');
  if (open == std::string_view::npos) return text.find('}') == std::string_view::npos;
  if (text.find('{', open + 1) != std::string_view::npos || text.find('*') != std::string_view::npos) return false;
  return (uri.scheme == "http" || uri.scheme == "https") && uri.host.starts_with(std::string(kOrganization) + ".");
}

// RFC 3986 §3.2.3: `:` and digits at the end, or nothing. No value: what stands there is no port.
std::optional<std::string_view> port_of(std::string_view host) {
  const auto bracket = host.rfind(']');
  const auto colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon == std::string_view::npos) return std::string_view();
  const auto port = host.substr(colon);
  if (!std::all_of(port.begin() + 1, port.end(), is_digit)) return std::nullopt;
  return port;
}

// RFC 3986 §3.2.2: only around the whole of an IPv6 address.
bool brackets_are_allowed(std::string_view host) {
  if (host.find_first_of("[]") == std::string_view::npos) return true;
  return host.size() > 2 && host.front() == '[' && host.find_first_of("[]", 1) == host.size() - 1;
}

bool is_numeric(std::string_view label) {
  return !label.empty() && (label.starts_with("0x") || label.find_first_not_of("0123456789") == std::string_view::npos);
}

}  // namespace

bool split_uri(std::string_view text, UriParts& out) {
  out = {};
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || !is_alpha(text[0])) return false;
  for (const char c : text.substr(0, colon)) {
    if (!is_alpha(c) && !is_digit(c) && c != '+' && c != '-' && c != '.') return false;
  }
  // Backslashes, white space and controls are read differently by different browsers, so nobody may register them.
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '\\' || c == '"' || c == '<' || c == '>' || c == '^' ||
        c == '`' || c == '|' || static_cast<unsigned char>(c) >= 0x80) {
      return false;
    }
  }
  out.scheme = base::ascii_lower(text.substr(0, colon));
  auto rest = text.substr(colon + 1);
  if (rest.empty()) return false;
  out.has_authority = rest.starts_with("//");
  if (!out.has_authority) {
    out.rest = std::string(rest);
    return true;
  }
  rest.remove_prefix(2);
  const auto end = std::min(rest.find_first_of("/?#"), rest.size());
  out.authority = std::string(rest.substr(0, end));
  out.rest = std::string(rest.substr(end));
  auto host = std::string_view(out.authority);
  if (const auto at = host.rfind('@'); at != std::string_view::npos) host.remove_prefix(at + 1);
  const auto port = port_of(host);
  if (!port) return false;
  host.remove_suffix(port->size());
  if (!brackets_are_allowed(host)) return false;
  out.host = base::ascii_lower(host);
  return true;
}

bool is_dangerous_scheme(std::string_view scheme) {
  return scheme == "javascript" || scheme == "data" || scheme == "vbscript" || scheme == "file" || scheme == "blob" ||
         scheme == "about" || scheme == "view-source" || scheme == "filesystem";
}

bool is_url_with_placeholders(std::string_view text) {
  UriParts uri;
  if (!split_uri(text, uri) || is_dangerous_scheme(uri.scheme)) return false;
  if (uri.scheme == "http" || uri.scheme == "https") {
    // User information before a host misleads people, and browsers treat it differently.
    if (!uri.has_authority || uri.host.empty() || uri.authority.find('@') != std::string::npos) return false;
  }
  return wildcard_is_allowed(uri, text) && placeholders_are_allowed(uri, text);
}

bool is_callback_url(std::string_view text) {
  // RFC 6749 §3.1.2: a redirection endpoint has no fragment.
  return is_url_with_placeholders(text) && text.find('#') == std::string_view::npos;
}

bool is_absolute_uri(std::string_view text) {
  UriParts uri;
  return split_uri(text, uri) && !is_dangerous_scheme(uri.scheme) && text.find_first_of("*{}") == std::string_view::npos;
}

bool is_absolute_https_uri(std::string_view text) {
  UriParts uri;
  return is_absolute_uri(text) && split_uri(text, uri) && uri.scheme == "https" && uri.has_authority && !uri.host.empty() &&
         uri.authority.find('@') == std::string::npos;
}

bool is_absolute_https_uri_with_placeholders(std::string_view text) {
  UriParts uri;
  return is_url_with_placeholders(text) && split_uri(text, uri) && uri.scheme == "https" &&
         text.find('*') == std::string_view::npos && text.find('#') == std::string_view::npos;
}

bool names_public_host(std::string_view host) {
  if (host.starts_with('['))
    return outbound::is_public_address(http::canonical_address(host.substr(1, host.find(']') - 1)).value_or(""));
  auto name = base::ascii_lower(host.substr(0, host.find(':')));
  if (name.ends_with('.')) name.pop_back();
  const auto dot = name.rfind('.');
  if (dot == std::string::npos) return false;  // localhost and other names of one's own network
  const auto last = std::string_view(name).substr(dot + 1);
  // WHATWG URL §3.5: a host that ends in a number is an IPv4 address, in whatever spelling.
  if (is_numeric(last)) return outbound::is_public_address(http::canonical_address(name).value_or(""));
  for (const std::string_view own : {"localhost", "local", "internal", "localdomain", "home", "lan"}) {
    if (last == own) return false;
  }
  return true;
}

bool is_host(std::string_view text) {
  if (text.empty() || text.size() > 255 || text.front() == '.' || text.back() == '.') return false;
  if (http::canonical_address(text)) return true;
  if (text.find("..") != std::string_view::npos) return false;
  for (const auto& label : base::split(text, '.')) {
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
    if (!std::all_of(label.begin(), label.end(), [](char c) {
          return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
        }))
      return false;
  }
  return true;
}

bool is_html_color(std::string_view text) {
  const auto digits = text.size() - 1;
  return text.starts_with('#') && (digits == 3 || digits == 4 || digits == 6 || digits == 8) &&
         text.find_first_not_of("0123456789abcdefABCDEF", 1) == std::string_view::npos;
}

}  // namespace segue::management
