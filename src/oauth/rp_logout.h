// GET and POST /oidc/logout (OIDC RP-Initiated Logout 1.0, contract §5.3): an application asks to end the browser's session.
#pragma once
#include "base/result.h"
#include "http/call.h"
#include "oauth/services.h"

namespace segue::oauth {

// Ends the session when the application shows that it knows it, by an ID token or its sid; else the person is asked.
base::Result<http::Response> rp_logout(const Services& services, const http::Call& call);
// POST /oidc/logout/confirm: the person's yes.
base::Result<http::Response> confirm_rp_logout(const Services& services, const http::Call& call);

}  // namespace segue::oauth
