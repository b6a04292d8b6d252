// A verified redirect has no byte that ends a header and no dangerous scheme; a wildcard never changes scheme, parent domain,
// port, path or query; and what may be registered without a wildcard matches itself.
#include "oauth/authorize/redirect_uri.h"

#include "base/text.h"
#include "management/uri.h"
#include "target.h"

using namespace segue;
using fuzz::must;

namespace {

struct Parts {
  std::string_view scheme, label, rest;  // rest: from the first dot of the host, or from where the authority ends
};

Parts parts_of(std::string_view uri) {
  const auto start = uri.find("://") + 3;
  const auto end = std::min(uri.find_first_of("/?#", start), uri.size());
  const auto dot = std::min(uri.find('.', start), end);
  return {uri.substr(0, start), uri.substr(start, dot - start), uri.substr(dot)};
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::string registered(input.line());
  const auto uri = input.line();
  const bool may_be_registered = management::is_callback_url(registered);
  const bool has_wildcard = registered.find('*') != std::string::npos;
  if (may_be_registered && !has_wildcard) must(oauth::verify_redirect({registered}, registered).has_value(), "it matches itself");

  const auto verified = oauth::verify_redirect({registered}, uri);
  if (!verified) return 0;
  must(verified->uri() == uri && base::is_free_of_controls(uri) && uri.find_first_of(" #") == std::string_view::npos,
       "a clean URI");
  must(!management::is_dangerous_scheme(base::ascii_lower(uri.substr(0, uri.find(':')))), "a scheme that opens an application");
  must(uri.starts_with(verified->origin()), "its origin is its beginning");
  if (!has_wildcard) {
    must(registered == uri, "byte for byte");
    return 0;
  }
  const auto wanted = parts_of(registered), got = parts_of(uri);
  must(wanted.scheme == "https://" || wanted.scheme == "http://", "wildcards stand in web addresses");
  must(wanted.label.find('*') != std::string_view::npos, "in the left-most label");
  must(wanted.scheme == got.scheme && wanted.rest == got.rest, "and change nothing else");
  must(wanted.rest.starts_with('.') &&
           wanted.rest.substr(0, wanted.rest.find_first_of(":/?")).find('.', 1) != std::string_view::npos,
       "under a domain that is no top-level domain");
  must(std::count(got.label.begin(), got.label.end(), '@') == std::count(wanted.label.begin(), wanted.label.end(), '@'),
       "without user information of the caller's");
  return 0;
}
