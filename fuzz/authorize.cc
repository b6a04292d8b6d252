// A request to /authorize is valid with a registered redirect URI only, a failure is told to no other one, and a valid request
// survives being stored.
#include "base/text.h"
#include "oauth/authorize/authorization_request.h"
#include "oauth/authorize/respond.h"
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

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t out = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++out;
  return out;
}

// However it travels, the answer is one header or one page with one script of ours, and a token is in no query.
void check_answer(const oauth::ValidatedRequest& validated) {
  const auto& request = validated.request;
  must(!request.response_type.is_front_channel() || request.response_mode != oauth::ResponseMode::query, "no token in a query");
  http::Parameters answer;
  answer.add("code", request.nonce + request.scope);
  const auto response = oauth::respond_to_application(validated.redirect, request.response_mode, request.state,
                                                      "https://tenant.example/", std::move(answer));
  const auto location = response.headers.find("location");
  must((response.status == 302) == location.has_value(), "a redirect or a page");
  if (location) {
    must(base::is_free_of_controls(*location) && location->find(' ') == std::string_view::npos, "one header");
    return;
  }
  must(count(response.body, "<script") == 1 && count(response.body, "</script") == 1 && count(response.body, "<!--") == 0,
       "one script");
  const auto policy = response.headers.find("content-security-policy").value_or("");
  const bool message = request.response_mode == oauth::ResponseMode::web_message;
  must(policy.ends_with("'") && (policy.find("frame-ancestors 'none'") == std::string_view::npos) == message,
       "framed by the page that asked, or by nobody");
  must(!message || validated.redirect.uri().starts_with(validated.redirect.web_origin() + "/"), "of one origin");
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
  check_answer(*validation.valid);
  const auto stored = oauth::to_json(request);
  const auto read = json::parse(json::write(stored));
  must(read.ok() && json::value(oauth::to_json(oauth::authorization_request_from(read->get_object()))) == json::value(stored),
       "stored and read again it is the same");
  return 0;
}
