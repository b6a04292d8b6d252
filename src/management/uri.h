// The URL checks of contract §2.3 for what clients register.
#pragma once
#include <string>
#include <string_view>

#include "connections/identifiers.h"

namespace segue::management {

struct UriParts {
  std::string scheme;  // lower case
  std::string authority, host, rest;
  bool has_authority = false;
};
// False when `text` is no absolute URI of RFC 3986 characters, placeholders and `*` besides.
bool split_uri(std::string_view text, UriParts& out);

// Whether a host is not this machine's or a private network's, as far as can be seen: what it resolves to is checked when it is
// called. `host` may end in a port.
bool names_public_host(std::string_view host);

// Schemes that run code or read files where a browser follows them.
bool is_dangerous_scheme(std::string_view lower_scheme);
// A URL with `*` or `{organization_name}` only where contract §2.3 lets them stand, and no dangerous scheme.
bool is_callback_url(std::string_view text);
bool is_url_with_placeholders(std::string_view text);
bool is_absolute_uri(std::string_view text);
bool is_absolute_https_uri(std::string_view text);
// https, a host that is not this machine: where a browser is sent to begin a login (contract §9.6 initiate_login_uri).
bool is_absolute_https_uri_with_placeholders(std::string_view text);
using connections::is_email;
// A host name or an address, without a port.
bool is_host(std::string_view text);
// "#" and 3, 4, 6 or 8 hexadecimal digits.
bool is_html_color(std::string_view text);

}  // namespace segue::management
