// POST /oauth/par: a client sends an authorization request ahead and gets a name for it (RFC 9126, contract §2.8).
#pragma once
#include "base/result.h"
#include "http/call.h"
#include "oauth/services.h"

namespace segue::oauth {

inline constexpr std::size_t kPushedRequestLimit = 10 * 1024;  // bytes of the body

base::Result<http::Response> push_authorization_request(const Services& services, http::Call& call);

}  // namespace segue::oauth
