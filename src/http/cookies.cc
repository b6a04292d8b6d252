#include "http/cookies.h"

#include <algorithm>

#include "base/result.h"
#include "base/text.h"

namespace segue::http {
namespace {

// RFC 6265 §4.1.1 cookie-octet, which also keeps a value from starting an attribute or a header.
bool is_cookie_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c > 0x20 && c < 0x7F && c != '"' && c != ',' && c != ';' && c != '\\'; });
}

std::string_view attribute_of(SameSite same_site) {
  switch (same_site) {
    case SameSite::none: return "; SameSite=None";
    case SameSite::lax: return "; SameSite=Lax";
    case SameSite::strict: return "; SameSite=Strict";
    case SameSite::unset: break;
  }
  return "";
}

void write_cookie(Response& response, std::string_view name, std::string_view value, std::string_view lifetime,
                  SameSite same_site, std::string_view domain) {
  if (name.empty() || name.find('=') != std::string_view::npos || !is_cookie_text(name) || !is_cookie_text(value) ||
      !is_cookie_text(domain)) {
    throw base::Bug("a cookie cannot be written: its name, value or domain has a forbidden character");
  }
  std::string text(name);
  text.append("=").append(value).append("; Path=/").append(lifetime);
  if (!domain.empty()) text.append("; Domain=").append(domain);
  text.append("; Secure; HttpOnly").append(attribute_of(same_site));
  response.headers.add("set-cookie", std::move(text));
}

}  // namespace

std::vector<std::string> cookie_values(const Request& request, std::string_view name) {
  std::vector<std::string> values;
  for (const auto& [header, text] : request.headers.fields()) {
    if (header != "cookie") continue;
    std::string_view rest = text;
    while (!rest.empty()) {
      const auto pair = rest.substr(0, rest.find(';'));
      rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
      const auto equals = pair.find('=');
      if (equals == std::string_view::npos || base::trim(pair.substr(0, equals)) != name) continue;
      values.emplace_back(base::trim(pair.substr(equals + 1)));
    }
  }
  return values;
}

void set_cookie(Response& response, const CookieToSet& cookie) {
  const std::string lifetime = cookie.expires ? "; Expires=" + base::to_http_date(*cookie.expires) : std::string();
  write_cookie(response, cookie.name, cookie.value, lifetime, cookie.same_site, cookie.domain);
}

void expire_cookie(Response& response, std::string_view name, SameSite same_site, std::string_view domain) {
  write_cookie(response, name, "", "; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0", same_site, domain);
}

}  // namespace segue::http
