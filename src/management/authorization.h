// Who may call the Management API (contract §9.1).
#pragma once
#include <string>
#include <vector>

#include "http/message.h"
#include "tenancy/snapshot.h"
#include "tokens/access_token.h"

namespace segue::management {

// The request's Bearer token when it is ours, for this API, and holds one of `scopes` (any token when there are none).
base::Result<tokens::VerifiedAccessToken> authorize(const tenancy::Snapshot& tenant, const http::Request& request,
                                                    base::Instant now, const std::vector<std::string>& scopes);

// Self-service (contract §9.1): a token with `…:current_user…` scopes acts on its own user only. `scopes` are those that allow
// every user; a token with none of them must belong to `user_id`.
base::Outcome require_own_user(const tokens::VerifiedAccessToken& token, const std::vector<std::string>& scopes,
                               std::string_view user_id);

bool allows_any(const tokens::VerifiedAccessToken& token, const std::vector<std::string>& scopes);

}  // namespace segue::management
