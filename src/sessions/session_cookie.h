// The browser's side of a session (contract §2.4): cookies `auth0` and `auth0_compat`, both with the session's handle.
#pragma once
#include <optional>

#include "crypto/secret.h"
#include "http/message.h"
#include "model/session_graph.h"
#include "tenancy/handles.h"

namespace segue::sessions {

// The first well-formed session handle among the request's cookies: it proves nothing until its hash matches a row.
std::optional<tenancy::PresentedHandle> presented_session(const tenancy::TenantKeys& keys, const http::Request& request);
void set_session_cookies(http::Response& response, const crypto::Secret& handle, const model::Session& session);
void expire_session_cookies(http::Response& response);

}  // namespace segue::sessions
