// Cookies (RFC 6265).
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "http/message.h"

namespace segue::http {

// Every value that the request carries under `name`, in order. More than one is possible: browsers send host-only and domain
// cookies of one name together.
std::vector<std::string> cookie_values(const Request& request, std::string_view name);

enum class SameSite { none, lax, strict, unset };
struct CookieToSet {
  std::string name;
  std::string value;
  std::optional<base::Instant> expires;  // absent: until the browser closes
  SameSite same_site = SameSite::lax;
  std::string domain = {};  // empty: host-only
  // Always Secure, HttpOnly, Path=/.
};
void set_cookie(Response& response, const CookieToSet& cookie);
void expire_cookie(Response& response, std::string_view name, SameSite same_site = SameSite::lax, std::string_view domain = {});

}  // namespace segue::http
