// The one error value of the product. Code returns it; the router renders it once, with the face of the route.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace segue::base {

// Decides the status class, the log level and the metric label.
enum class ErrorKind { invalid_input, unauthenticated, forbidden, not_found, conflict, rate_limited, too_large, unavailable };

// Where an Error was made. For the operator's log only.
struct Origin {
  const char* file = "";
  int line = 0;
  static constexpr Origin here(const char* file = __builtin_FILE(), int line = __builtin_LINE()) { return {file, line}; }
};

struct Error {
  ErrorKind kind;
  std::string code;         // wire name: "invalid_grant", "inexistent_client"
  std::string description;  // wire: says what was wrong and how to mend it; never echoes a secret
  std::string detail = {};  // operator's log only
  int status = 0;           // 0: the face derives it from kind
  Origin origin = Origin::here();
};

}  // namespace segue::base
