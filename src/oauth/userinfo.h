// GET and POST /userinfo (OIDC Core §5.3, contract §5.1).
#pragma once
#include "base/result.h"
#include "http/call.h"
#include "oauth/services.h"

namespace segue::oauth {

base::Result<http::Response> userinfo(const Services& services, http::Call& call);

}  // namespace segue::oauth
