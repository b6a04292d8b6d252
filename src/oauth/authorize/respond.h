// How an authorization answer reaches the application: query, fragment, form post or message (RFC 6749 §4.1.2, §4.2.2; RFC 9207).
#pragma once
#include "http/call.h"
#include "http/parameters.h"
#include "oauth/authorize/authorization_request.h"

namespace segue::oauth {

// `parameters` with state and iss, sent to the verified address.
http::Response respond_to_application(const VerifiedRedirect& redirect, ResponseMode mode, const std::string& state,
                                      const std::string& issuer, http::Parameters parameters);
// A redirect when the address is verified, else the page that explains (contract §2.2).
http::Response render_authorize_failure(const http::Call& call, const std::string& issuer, const AuthorizeFailure& failure);

}  // namespace segue::oauth
