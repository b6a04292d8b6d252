// Identifiers that a sender chooses and that count once (store/one_time_identifiers.h), claimed while it is still being found out
// who asks: in a transaction of its own, before the one that decides.
#pragma once
#include <string_view>

#include "base/clock.h"
#include "http/call.h"
#include "tenancy/snapshot.h"

namespace segue::tenancy {

// True for the first request that comes with it; and for that request again, when the configuration changed and it is decided
// once more. Throws store::ConfigurationChanged when the sender was judged by an older configuration.
bool claim_once(const Snapshot& tenant, http::Call& call, std::string_view kind, std::string_view client_id,
                std::string_view identifier, base::Instant expires_at);

}  // namespace segue::tenancy
