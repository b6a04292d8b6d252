// The errors of the Management API (contract §9.2), each made in one place.
#pragma once
#include <string>
#include <string_view>

#include "base/error.h"

namespace segue::management {

using base::Error;
using base::ErrorKind;
using base::Origin;

inline Error invalid_body(std::string message, Origin origin = Origin::here()) {
  return {.kind = ErrorKind::invalid_input, .code = "invalid_body", .description = std::move(message), .origin = origin};
}
inline Error invalid_query(std::string message, Origin origin = Origin::here()) {
  return {.kind = ErrorKind::invalid_input, .code = "invalid_query_string", .description = std::move(message), .origin = origin};
}
inline Error not_supported(std::string message, Origin origin = Origin::here()) {
  return {
      .kind = ErrorKind::invalid_input, .code = "operation_not_supported", .description = std::move(message), .origin = origin};
}
inline Error missing_authentication(Origin origin = Origin::here()) {
  return {.kind = ErrorKind::unauthenticated, .code = "", .description = "Missing authentication", .origin = origin};
}
inline Error bad_token(std::string message, Origin origin = Origin::here()) {
  return {.kind = ErrorKind::unauthenticated, .code = "", .description = std::move(message), .origin = origin};
}
inline Error insufficient_scope(std::string_view comma_separated, Origin origin = Origin::here()) {
  return {.kind = ErrorKind::forbidden,
          .code = "insufficient_scope",
          .description = "Insufficient scope, expected any of: " + std::string(comma_separated),
          .origin = origin};
}
inline Error forbidden(std::string message, std::string code = "operation_not_supported", Origin origin = Origin::here()) {
  return {.kind = ErrorKind::forbidden, .code = std::move(code), .description = std::move(message), .origin = origin};
}
inline Error conflict(std::string message, std::string code, Origin origin = Origin::here()) {
  return {.kind = ErrorKind::conflict, .code = std::move(code), .description = std::move(message), .origin = origin};
}
inline Error not_found(std::string message, std::string code, Origin origin = Origin::here()) {
  return {.kind = ErrorKind::not_found, .code = std::move(code), .description = std::move(message), .origin = origin};
}
inline Error inexistent_client() { return not_found("The client does not exist", "inexistent_client"); }
inline Error inexistent_connection() { return not_found("The connection does not exist", "inexistent_connection"); }
inline Error inexistent_user() { return not_found("The user does not exist.", "inexistent_user"); }
inline Error inexistent_resource_server() {
  return not_found("The resource server does not exist", "inexistent_resource_server");
}
inline Error inexistent_client_grant() { return not_found("The client grant does not exist", "inexistent_client_grant"); }

}  // namespace segue::management
