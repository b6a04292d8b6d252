#include "oauth/database/errors.h"

#include "json/value.h"
#include "oauth/faces.h"

namespace segue::oauth::database {
namespace {

http::Response answer_of(int status, json::object body) {
  body["statusCode"] = status;
  auto response = http::json_response(status, json::write(body));
  response.headers.set("cache-control", "no-store");
  return response;
}

}  // namespace

http::Response database_face(const base::Error& error, const http::Call&) {
  const auto status = status_of(error);
  const auto* const name = status == 429 ? "TooManyRequestsError" : status < 500 ? "BadRequestError" : "InternalServerError";
  return answer_of(status, {{"name", name}, {"code", error.code}, {"description", error.description}});
}

base::Error bad_request(std::string code, std::string description) {
  return {.kind = base::ErrorKind::invalid_input, .code = std::move(code), .description = std::move(description), .status = 400};
}

base::Error too_many_attempts() {
  return {.kind = base::ErrorKind::rate_limited,
          .code = "too_many_attempts",
          .description = "There were too many requests from your network address. Wait a while and try again.",
          .status = 429};
}

http::Response password_refused(const connections::PasswordVerdict& verdict) {
  return answer_of(400, {{"name", "PasswordStrengthError"},
                         {"code", "invalid_password"},
                         {"message", "Password is too weak"},
                         {"description", verdict.description()},
                         {"policy", verdict.policy()}});
}

http::Response public_sign_up_disabled() {
  return answer_of(400, {{"name", "BadRequestError"},
                         {"error", "public signup is disabled"},
                         {"code", "public_signup_disabled"},
                         {"description", "Public signup is disabled"}});
}

http::Response no_connection() {
  return answer_of(400, {{"name", "BadRequestError"},
                         {"error", "no connection"},
                         {"code", "invalid_connection"},
                         {"description", "No database connection of this name is enabled for this client."}});
}

http::Response refused_by_action(const std::string& code, const std::string& message) {
  return answer_of(400,
                   {{"name", "ExtensibilityError"}, {"code", code}, {"description", message}, {"friendly_message", message}});
}

}  // namespace segue::oauth::database
