// Protocol errors by their wire names (RFC 6749 §5.2, contract §3.3). The status is the live service's, often 403 where the RFC
// says 400.
#pragma once
#include <string>

#include "base/error.h"

namespace segue::oauth {

using base::Error;
using base::ErrorKind;

inline Error invalid_request(std::string description) {
  return {.kind = ErrorKind::invalid_input, .code = "invalid_request", .description = std::move(description), .status = 400};
}
inline Error missing_parameter(std::string_view name) {
  return invalid_request("Missing required parameter: " + std::string(name));
}
inline Error unsupported_grant_type(std::string_view grant_type) {
  return {.kind = ErrorKind::invalid_input,
          .code = "unsupported_grant_type",
          .description = "Unsupported grant type: " + std::string(grant_type),
          .status = 400};
}
// Wrong client secret or unknown client: one text, so that client ids cannot be probed (contract §3.3).
inline Error client_unauthorized() {
  return {.kind = ErrorKind::unauthenticated, .code = "access_denied", .description = "Unauthorized", .status = 401};
}
inline Error invalid_grant(std::string description) {
  return {.kind = ErrorKind::forbidden, .code = "invalid_grant", .description = std::move(description), .status = 403};
}
inline Error unknown_refresh_token() { return invalid_grant("Unknown or invalid refresh token."); }
inline Error invalid_code() { return invalid_grant("Invalid authorization code"); }
inline Error unauthorized_client(std::string description) {
  return {.kind = ErrorKind::forbidden, .code = "unauthorized_client", .description = std::move(description), .status = 403};
}
inline Error access_denied(std::string description) {
  return {.kind = ErrorKind::forbidden, .code = "access_denied", .description = std::move(description), .status = 403};
}
inline Error user_blocked() {
  return {.kind = ErrorKind::forbidden, .code = "unauthorized", .description = "user is blocked", .status = 403};
}
inline Error too_many_requests(std::string description) {
  return {.kind = ErrorKind::rate_limited, .code = "too_many_requests", .description = std::move(description), .status = 429};
}
inline Error login_required() {
  return {.kind = ErrorKind::unauthenticated, .code = "login_required", .description = "Login required", .status = 403};
}
inline Error consent_required() {
  return {.kind = ErrorKind::forbidden, .code = "consent_required", .description = "Consent required", .status = 403};
}
// At the token endpoint, which has no page to ask on.
inline Error user_consent_missing() {
  auto out = consent_required();
  out.description =
      "The user has not allowed this third-party application what it asks for: send them to /authorize, where they are asked.";
  return out;
}

}  // namespace segue::oauth
