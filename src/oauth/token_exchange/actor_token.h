// Who acts for the subject of a token exchange (RFC 8693 §2.1 `actor_token`, contract §1.14).
#pragma once
#include <optional>

#include "base/clock.h"
#include "base/result.h"
#include "model/directory.h"
#include "oauth/token_exchange/exchange_request.h"
#include "tenancy/snapshot.h"

namespace segue::oauth {

// The user of an actor token that is an ID token of this tenant: its signature, issuer and end are checked here. Any other type
// is the Action's to check, and names nobody.
base::Result<std::optional<model::User>> actor_token_user(const tenancy::Snapshot& tenant, const ExchangeRequest& exchange,
                                                          base::Instant now);

}  // namespace segue::oauth
