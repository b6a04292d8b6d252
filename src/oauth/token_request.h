// The body of POST /oauth/token: JSON or a form (contract §3.1).
#pragma once
#include "base/result.h"
#include "http/call.h"
#include "http/parameters.h"

namespace segue::oauth {

// The parameters, each at most once. JSON members must be strings (numbers and booleans are taken as their text; other types are
// refused by name); null counts as absent.
base::Result<http::Parameters> parse_token_request(const http::Request& request);
base::Result<std::string> require(const http::Parameters& parameters, std::string_view name);

}  // namespace segue::oauth
