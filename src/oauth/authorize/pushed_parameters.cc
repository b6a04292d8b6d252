#include "oauth/authorize/pushed_parameters.h"

#include <algorithm>

#include "base/text.h"
#include "oauth/errors.h"

namespace segue::oauth {
namespace {

// contract §2.1. client_id is set from the authentication; a signed request object is read before and not kept.
constexpr std::string_view kKept[] = {"response_type",
                                      "response_mode",
                                      "redirect_uri",
                                      "scope",
                                      "audience",
                                      "resource",
                                      "state",
                                      "nonce",
                                      "code_challenge",
                                      "code_challenge_method",
                                      "prompt",
                                      "max_age",
                                      "login_hint",
                                      "connection",
                                      "organization",
                                      "invitation",
                                      "screen_hint",
                                      "ui_locales",
                                      "acr_values",
                                      "display",
                                      "id_token_hint",
                                      "dpop_jkt",
                                      "authorization_details",
                                      "correlation_id",
                                      "auth0Client",
                                      "request"};
constexpr std::string_view kOwnPrefix = "ext-";
constexpr std::size_t kMostOwn = 10;

}  // namespace

base::Result<http::Parameters> read_pushed_body(const http::Request& request) {
  const auto type = request.headers.find("content-type").value_or("");
  if (!base::iequals(base::trim(type.substr(0, type.find(';'))), "application/x-www-form-urlencoded"))
    return invalid_request("Send the body as application/x-www-form-urlencoded and say so in Content-Type.");
  auto body = TRY(http::Parameters::parse(request.body));
  if (const auto twice = body.first_duplicate())
    return invalid_request("The parameter " + *twice + " is present more than once.");
  return body;
}

base::Result<http::Parameters> pushed_parameters(const http::Parameters& body, const std::string& client_id) {
  // RFC 9126 §2.1: a pushed request cannot refer to another one.
  if (body.has("request_uri"))
    return invalid_request("The parameter request_uri cannot be pushed: send the parameters themselves.");
  http::Parameters out;
  out.add("client_id", client_id);
  std::size_t own = 0;
  for (const auto& [name, value] : body.pairs()) {
    const bool is_own = name.starts_with(kOwnPrefix);
    if (is_own && ++own > kMostOwn) return invalid_request("At most 10 parameters that begin with ext- can be pushed.");
    if (is_own || std::find(std::begin(kKept), std::end(kKept), name) != std::end(kKept)) out.add(name, value);
  }
  return out;
}

}  // namespace segue::oauth
