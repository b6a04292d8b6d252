// What of a pushed authorization request is kept: known parameters and a few of the application's own (contract §2.1).
#pragma once
#include "base/result.h"
#include "http/message.h"
#include "http/parameters.h"

namespace segue::oauth {

// The body of POST /oauth/par: a form, every name once.
base::Result<http::Parameters> read_pushed_body(const http::Request& request);
// The parameters as they are stored for `client_id`: no credentials, no session transfer token, nothing unknown.
base::Result<http::Parameters> pushed_parameters(const http::Parameters& body, const std::string& client_id);

}  // namespace segue::oauth
