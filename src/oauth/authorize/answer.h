// What an authorization answer says to the application (RFC 6749 §4.1.2, §4.2.2; OIDC Core §3.3.2.5).
#pragma once
#include "base/random.h"
#include "http/parameters.h"
#include "oauth/authorize/open_session.h"

namespace segue::oauth {

// The code, the access token and the ID token that the request's response type names. No refresh token ever: that takes a code.
http::Parameters answer_parameters(base::Random& random, const SignInContext& context, const OpenedSession& opened,
                                   const model::User& user);

}  // namespace segue::oauth
