#include "oauth/authorize/response_type.h"

#include "base/text.h"
#include "oauth/errors.h"

namespace segue::oauth {
namespace {

constexpr ResponseMode kModes[] = {ResponseMode::query, ResponseMode::fragment, ResponseMode::form_post,
                                   ResponseMode::web_message};

base::Error invalid(std::string code, std::string description) {
  return {.kind = ErrorKind::invalid_input, .code = std::move(code), .description = std::move(description)};
}

// Multiple Response Types §3, §5: a token never stands in a query, which servers log and browsers send on.
bool may_travel(ResponseType type, ResponseMode mode) { return !type.is_front_channel() || mode != ResponseMode::query; }

// contract §2.1: a code needs its grant, and whatever stands in the answer itself the implicit one.
base::Outcome check_grant(const model::Client& client, std::string_view grant_type) {
  if (client.allows_grant(grant_type)) return base::Unit{};
  return Error{.kind = ErrorKind::forbidden,
               .code = "unauthorized_client",
               .description = "Grant type '" + std::string(grant_type) + "' not allowed for the client."};
}

}  // namespace

std::optional<ResponseType> response_type_from(std::string_view text) {
  ResponseType out;
  for (const auto& value : base::split(text, ' ')) {
    auto* named = value == "code" ? &out.code : value == "token" ? &out.token : value == "id_token" ? &out.id_token : nullptr;
    if (named == nullptr || *named) return std::nullopt;
    *named = true;
  }
  if (out == ResponseType{}) return std::nullopt;
  return out;
}

std::string to_text(ResponseType type) {
  std::vector<std::string> values;
  if (type.code) values.emplace_back("code");
  if (type.id_token) values.emplace_back("id_token");
  if (type.token) values.emplace_back("token");
  return base::join(values, " ");
}

std::optional<ResponseMode> response_mode_from(std::string_view text) {
  for (const auto mode : kModes) {
    if (to_text(mode) == text) return mode;
  }
  return std::nullopt;
}

std::string_view to_text(ResponseMode mode) {
  switch (mode) {
    case ResponseMode::query: return "query";
    case ResponseMode::fragment: return "fragment";
    case ResponseMode::form_post: return "form_post";
    case ResponseMode::web_message: return "web_message";
  }
  return "query";
}

ResponseMode default_response_mode(ResponseType type) {
  return type.is_front_channel() ? ResponseMode::fragment : ResponseMode::query;
}

ResponseShape response_shape(const http::Parameters& parameters) {
  ResponseShape out;
  out.type = response_type_from(parameters.find("response_type").value_or("")).value_or(out.type);
  out.mode = default_response_mode(out.type);
  const auto asked = response_mode_from(parameters.find("response_mode").value_or(""));
  if (asked && may_travel(out.type, *asked)) out.mode = *asked;
  return out;
}

base::Outcome check_response_type(const http::Parameters& parameters, const model::Client& client) {
  const auto text = parameters.find("response_type");
  if (!text) return missing_parameter("response_type");
  const auto type = response_type_from(*text);
  if (!type)
    return invalid("unsupported_response_type",
                   "Unsupported response type: use code, or a combination of code, token and id_token.");
  if (type->code) TRY(check_grant(client, "authorization_code"));
  if (type->is_front_channel()) TRY(check_grant(client, "implicit"));
  return base::Unit{};
}

base::Outcome check_response_mode(const http::Parameters& parameters, ResponseType type) {
  const auto text = parameters.find("response_mode");
  if (!text) return base::Unit{};
  const auto mode = response_mode_from(*text);
  if (!mode) return invalid_request("Unsupported response_mode: use query, fragment, form_post or web_message.");
  if (!may_travel(type, *mode))
    return invalid_request("response_mode query is for a code alone: use fragment, form_post or web_message for tokens.");
  return base::Unit{};
}

}  // namespace segue::oauth
