// Whether the session that a browser has answers an authorization request without a prompt (contract §2.4–2.5).
#pragma once
#include "base/clock.h"
#include "model/session_graph.h"
#include "oauth/authorize/authorization_request.h"
#include "store/store.h"

namespace segue::oauth {

// `at`: when the person was identified for this request.
bool session_suffices(const store::Writer& w, const tenancy::Snapshot& tenant, const ValidatedRequest& validated,
                      const model::Session& session, base::Instant at);

}  // namespace segue::oauth
