// GET /v2/logout (contract §5.3): ends the browser's session and leads to a registered address.
#pragma once
#include "base/result.h"
#include "http/call.h"
#include "oauth/services.h"

namespace segue::oauth {

base::Result<http::Response> logout(const Services& services, const http::Call& call);
http::Response logout_face(const base::Error& error, const http::Call& call);

}  // namespace segue::oauth
