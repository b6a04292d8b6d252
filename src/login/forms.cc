#include "login/forms.h"

#include "base/bytes.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "http/form_origin.h"
#include "interaction/pages.h"

namespace segue::login {
namespace {

base::Outcome require_same_origin(const http::Call& call) {
  if (http::is_foreign_form(call)) return invalid_request("The form was not sent from this site's sign-in page.");
  return base::Unit{};
}

bool is_form(const http::Request& request) {
  const auto type = request.headers.find("content-type").value_or("");
  return base::iequals(base::trim(type.substr(0, type.find(';'))), "application/x-www-form-urlencoded");
}

}  // namespace

base::Error invalid_request(std::string description, std::string detail) {
  return {.kind = base::ErrorKind::invalid_input,
          .code = "invalid_request",
          .description = std::move(description),
          .detail = std::move(detail),
          .status = 400};
}

base::Result<http::Parameters> unique_parameters(std::string_view text) {
  auto parameters = TRY(http::Parameters::parse(text));
  if (const auto twice = parameters.first_duplicate()) return invalid_request("A parameter stands more than once: " + *twice);
  return parameters;
}

base::Result<std::string> required(const http::Parameters& parameters, std::string_view name) {
  auto value = parameters.find(name);
  if (!value) return invalid_request("Missing required parameter: " + std::string(name));
  return std::move(*value);
}

base::Result<http::Parameters> read_plain_form(const http::Call& call) {
  TRY(require_same_origin(call));
  if (!is_form(call.request)) return invalid_request("The body must be application/x-www-form-urlencoded.");
  return unique_parameters(call.request.body);
}

base::Result<PageForm> read_form(const http::Call& call) {
  auto form = TRY(read_plain_form(call));
  const auto query = TRY(unique_parameters(call.request.query));
  auto state = TRY(required(query, "state"));
  if (TRY(required(form, "state")) != state) return invalid_request("The form belongs to another sign-in page.");
  return PageForm{std::move(state), std::move(form)};
}

base::Outcome require_csrf(const http::Parameters& form, std::string_view expected) {
  const auto csrf = form.find("csrf").value_or("");
  if (expected.empty() || !crypto::equal_in_constant_time(base::as_bytes(csrf), base::as_bytes(expected))) {
    return invalid_request("The form was not made by this sign-in page. Go back, reload the page and try again.");
  }
  return base::Unit{};
}

std::string login_path(std::string_view state) { return "/u/login?state=" + base::percent_encode(state); }
std::string sign_up_path(std::string_view state) { return "/u/signup?state=" + base::percent_encode(state); }

base::Result<http::Response> stale_page(const http::Call& call, interaction::AuthorizationFlow& flow, std::string_view state,
                                        const base::Error& error) {
  if (error.code != "expired") return error;
  const auto uri = flow.initiate_login_uri(call, state);
  if (uri.empty()) return error;
  if (call.request.method != http::Method::post) return http::redirect_response(uri);
  return interaction::pages::message_page(
      400, "This sign-in page has expired",
      "A sign-in page works once and for a limited time, and this one is over. Start again from the application.",
      call.request_id, {.href = uri, .label = "Sign in again"});
}

}  // namespace segue::login
