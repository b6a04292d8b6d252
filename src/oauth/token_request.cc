#include "oauth/token_request.h"

#include "base/text.h"
#include "json/value.h"
#include "oauth/errors.h"

namespace segue::oauth {
namespace {

base::Result<http::Parameters> from_json(const std::string& body) {
  const auto document = TRY(json::parse(body));
  if (!document.is_object()) return invalid_request("The body must be a JSON object.");
  http::Parameters out;
  for (const auto& member : document.get_object()) {
    const auto& value = member.value();
    const std::string name(member.key());
    if (value.is_string()) {
      const auto text = json::to_view(value.get_string());
      if (text.find('\0') != std::string_view::npos) return invalid_request("The parameter " + name + " holds a NUL character.");
      out.add(name, std::string(text));
    } else if (value.is_number() || value.is_bool()) {
      out.add(name, json::write(value));
    } else if (!value.is_null()) {
      // Parameters that no grant knows are ignored whatever their type (RFC 6749 §3.2), so only a known one can be wrong.
      static constexpr std::string_view kKnown[] = {"grant_type",
                                                    "client_id",
                                                    "client_secret",
                                                    "code",
                                                    "redirect_uri",
                                                    "code_verifier",
                                                    "refresh_token",
                                                    "scope",
                                                    "audience",
                                                    "username",
                                                    "password",
                                                    "realm",
                                                    "token",
                                                    "device_code",
                                                    "subject_token",
                                                    "subject_token_type",
                                                    "actor_token",
                                                    "actor_token_type",
                                                    "requested_token_type",
                                                    "resource",
                                                    "organization"};
      for (const auto known : kKnown) {
        if (known == name) return invalid_request("The parameter " + name + " must be a string.");
      }
    }
  }
  return out;
}

}  // namespace

base::Result<http::Parameters> parse_token_request(const http::Request& request) {
  const auto content_type = base::ascii_lower(request.headers.find("content-type").value_or(""));
  const auto type = base::trim(std::string_view(content_type).substr(0, content_type.find(';')));
  if (type == "application/json") return from_json(request.body);
  if (type != "application/x-www-form-urlencoded") {
    return invalid_request("Send the body as application/x-www-form-urlencoded or application/json and say so in Content-Type.");
  }
  auto parameters = TRY(http::Parameters::parse(request.body));
  // RFC 6749 §3.2: request parameters must not be included more than once.
  if (const auto twice = parameters.first_duplicate())
    return invalid_request("The parameter " + *twice + " is present more than once.");
  return parameters;
}

base::Result<std::string> require(const http::Parameters& parameters, std::string_view name) {
  auto value = parameters.find(name);
  if (!value) return missing_parameter(name);
  return std::move(*value);
}

}  // namespace segue::oauth
