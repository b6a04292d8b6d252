// What the Management API lets a client register: printable ASCII, no dangerous scheme, and a wildcard that stands for one label.
#include "base/text.h"
#include "http/caller_address.h"
#include "json/value.h"
#include "management/backchannel_logout_rules.h"
#include "management/uri.h"
#include "oauth/authorize/redirect_uri.h"
#include "outbound/address_rules.h"
#include "target.h"

using namespace segue;
using fuzz::must;

namespace {

std::string with(std::string_view uri, std::string_view label) {
  std::string out(uri);
  return out.replace(out.find('*'), 1, label);
}

// A receiver of logout tokens that is stored is, as far as its text shows, no host of this machine or a private network.
void check_receiver(const std::string& text) {
  const json::object document{{"oidc_logout", json::object{{"backchannel_logout_urls", json::array{text}}}}};
  if (!management::check_backchannel_logout(document, false).ok()) return;
  management::UriParts parts;
  must(management::split_uri(text, parts) && !parts.host.empty(), "a host");
  const auto bare = parts.host.starts_with('[') ? parts.host.substr(1, parts.host.size() - 2) : parts.host;
  if (const auto address = http::canonical_address(bare)) must(outbound::is_public_address(*address), "a public address");
  must(parts.host.find('.') != std::string::npos || parts.host.starts_with('['), "no name of one label");
  must(text.find('{') == std::string::npos && parts.authority.find('@') == std::string::npos, "nothing but a host");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(fuzz::Input(data, size).rest());
  check_receiver(text);
  const bool url = management::is_url_with_placeholders(text), absolute = management::is_absolute_uri(text);
  if (url || absolute) {
    for (const char c : text) must(c > 0x20 && c < 0x7F && c != '\\' && c != '"' && c != '<' && c != '>', "printable ASCII");
    must(!management::is_dangerous_scheme(base::ascii_lower(text.substr(0, text.find(':')))), "no dangerous scheme");
  }
  if (management::is_absolute_https_uri(text) || management::is_absolute_https_uri_with_placeholders(text)) {
    const auto authority = text.substr(8, text.find_first_of("/?#", 8) - 8);
    must(base::ascii_lower(text).starts_with("https://") && !authority.empty() && authority.find('@') == std::string::npos,
         "https and a host");
  }
  if (management::is_email(text))
    must(base::is_free_of_controls(text) && text.find_first_of(" <>,;") == std::string::npos, "an address");

  if (!management::is_callback_url(text)) return 0;
  must(url && text.find('#') == std::string::npos, "a callback is a URL without a fragment");
  if (text.find('*') == std::string::npos) return 0;
  // The scheme is compared byte for byte at sign-in, so one in capitals matches nothing.
  const bool matches = oauth::verify_redirect({text}, with(text, "x1")).has_value();
  must(matches == (text.starts_with("https://") || text.starts_with("http://")), "it matches one label");
  for (const auto* const other : {"", "a.b", "a/b", "a@b", "a:1", "a?", "*", "%61"}) {
    must(!oauth::verify_redirect({text}, with(text, other)), "and nothing but a label");
  }
  return 0;
}
