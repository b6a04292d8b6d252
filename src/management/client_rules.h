// What a client's settings must satisfy together, and what we do not enforce yet and therefore refuse (design §8.12).
#pragma once
#include "base/result.h"
#include "json/value.h"
#include "model/client.h"

namespace segue::management {

// Fills what the live service fills on creation (contract §9.6).
void add_client_defaults(json::object& document);
// Keeps a refresh_token object whole after a merge: unset members get their defaults.
void complete_refresh_token(json::object& document);
// Judges the whole document as it would be stored.
// `allow_private`: outbound calls may go to this machine and to private networks (outbound.allow_private).
base::Outcome check_client(const json::object& document, bool allow_private = false);
// contract §4.6: of the Management API a user's token carries nothing.
base::Outcome check_policy_audiences(const model::Client& client, std::string_view management_audience);

}  // namespace segue::management
