// A request to /authorize is valid with a registered redirect URI only, a failure is told to no other one, and a valid request
// survives being stored.
#include "base/text.h"
#include "oauth/authorize/authorization_request.h"
#include "target.h"
#include "tenant.h"

using namespace segue;
using fuzz::must;

namespace {

void check_redirect(const std::string& uri) {
  must(base::is_free_of_controls(uri) && uri.find_first_of(" #") == std::string::npos, "a Location that stays one header");
  constexpr std::string_view kEnd = ".preview.example/callback";
  const bool from_wildcard =
      uri.starts_with("https://") && uri.ends_with(kEnd) && uri.find_first_of("./?@:", 8) == uri.size() - kEnd.size();
  must(uri == fuzz::kWebCallback || uri == fuzz::kNativeCallback || from_wildcard, "a registered URI");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parameters = http::Parameters::parse(fuzz::Input(data, size).rest());
  if (!parameters.ok()) return 0;
  const auto validation = oauth::validate_authorization_request(fuzz::tenant(), *parameters);
  must(validation.valid.has_value() != validation.failure.has_value(), "valid or not");
  if (validation.failure) {
    must(!validation.failure->error.code.empty() && base::is_valid_utf8(validation.failure->error.description),
         "refused with a text");
    if (validation.failure->redirect) check_redirect(validation.failure->redirect->uri());
    return 0;
  }
  const auto& request = validation.valid->request;
  check_redirect(validation.valid->redirect.uri());
  must(request.redirect_uri == validation.valid->redirect.uri(), "the address that was verified");
  must(!(request.prompt_none && request.prompt_login), "one prompt");
  const auto stored = oauth::to_json(request);
  const auto read = json::parse(json::write(stored));
  must(read.ok() && json::value(oauth::to_json(oauth::authorization_request_from(read->get_object()))) == json::value(stored),
       "stored and read again it is the same");
  return 0;
}
