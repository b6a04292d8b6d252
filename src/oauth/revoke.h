// POST /oauth/revoke: a client gives a refresh token back (RFC 7009, contract §4.8–4.9).
#pragma once
#include "base/result.h"
#include "http/call.h"
#include "oauth/services.h"

namespace segue::oauth {

// 200 with an empty body for whatever is dead afterwards. Logs srrt; refusals w.
base::Result<http::Response> revoke(const Services& services, http::Call& call);

}  // namespace segue::oauth
