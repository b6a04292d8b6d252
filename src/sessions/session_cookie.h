// The browser's side of a session (contract §2.4): cookies `auth0` and `auth0_compat`, both with the session's handle.
#pragma once
#include <optional>
#include <vector>

#include "crypto/secret.h"
#include "http/message.h"
#include "model/session_graph.h"
#include "tenancy/handles.h"

namespace segue::sessions {

// The session handles among the request's cookies, each once: they prove nothing until a hash matches a row. A browser that only
// we set cookies in brings one.
std::vector<tenancy::PresentedHandle> presented_sessions(const tenancy::TenantKeys& keys, const http::Request& request);
// The one that the request brings. None when there are several: another site below the same parent domain can plant a cookie
// beside ours, and must not choose whose session this is.
std::optional<tenancy::PresentedHandle> presented_session(const tenancy::TenantKeys& keys, const http::Request& request);
void set_session_cookies(http::Response& response, const crypto::Secret& handle, const model::Session& session);
void expire_session_cookies(http::Response& response);

}  // namespace segue::sessions
