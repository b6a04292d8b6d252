// Revoking what a client holds, as the Management API does it.
#pragma once
#include <optional>
#include <string_view>

#include "base/result.h"
#include "model/session_graph.h"
#include "store/store.h"

namespace segue::management {

// model::revocation_cascades() of the client as it stands in this transaction.
bool revocation_cascades_at(const store::Writer& w, std::string_view client_id);

// Ends the refresh token that the Management API shows under this id, and returns what it was of. Nothing: there is none.
std::optional<model::RefreshTokenFamily> revoke_refresh_token(const store::Writer& w, std::string_view public_id,
                                                              base::Instant now);
// The refusal where it is an online one, which ends with its session only (contract §4.7).
base::Error online_refresh_token(base::Origin origin = base::Origin::here());

}  // namespace segue::management
