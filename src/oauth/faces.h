// How this feature's routes show an Error.
#pragma once
#include "base/error.h"
#include "http/call.h"

namespace segue::oauth {

// RFC 6749 §5.2: {"error","error_description"}, no-store. No WWW-Authenticate: clients that see one hide the JSON.
http::Response oauth_json_face(const base::Error& error, const http::Call& call);
// RFC 6750 §3.1 for /userinfo: 401 with WWW-Authenticate.
http::Response bearer_face(const base::Error& error, const http::Call& call);
// Plain JSON for discovery and keys.
http::Response json_face(const base::Error& error, const http::Call& call);

// The status of an error: its own, or the one of its kind.
int status_of(const base::Error& error);

}  // namespace segue::oauth
