// POST /oauth/device/code: a device asks for a code that a person can type elsewhere (RFC 8628 §3.1–3.2, contract §5.4).
#pragma once
#include "base/result.h"
#include "http/call.h"
#include "oauth/services.h"

namespace segue::oauth {

// Logs fdeaz when it refuses.
base::Result<http::Response> authorize_device(const Services& services, http::Call& call);

}  // namespace segue::oauth
