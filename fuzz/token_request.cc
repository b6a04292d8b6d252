// The body of a token request, as a form or as JSON: each parameter at most once, no NUL, and UTF-8 in whatever is told back.
#include "oauth/token_request.h"

#include "base/text.h"
#include "target.h"

using namespace segue;
using fuzz::must;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  http::Request request;
  request.headers.add("content-type", std::string(input.line()));
  request.body = std::string(input.rest());
  const auto parameters = oauth::parse_token_request(request);
  if (!parameters.ok()) {
    must(parameters.error().code == "invalid_request" && base::is_valid_utf8(parameters.error().description),
         "refused with a text");
    return 0;
  }
  must(!parameters->first_duplicate(), "each parameter once");
  for (const auto& [name, value] : parameters->pairs()) {
    must(base::is_valid_utf8(name) && base::is_valid_utf8(value), "UTF-8");
    must((name + value).find('\0') == std::string::npos, "no NUL");
    must(oauth::require(*parameters, name).ok() == !value.empty(), "an empty parameter counts as omitted");
  }
  return 0;
}
