// Identifiers that a sender chooses and that count once (store/one_time_identifiers.h).
#pragma once
#include <string_view>

#include "base/clock.h"
#include "http/call.h"
#include "tenancy/snapshot.h"

namespace segue::tenancy {

// Claimed while it is still being found out who asks: in a transaction of its own, before the one that decides.
// True for the first request that comes with it; and for that request again, when the configuration changed and it is decided
// once more. Throws store::ConfigurationChanged when the sender was judged by an older configuration.
bool claim_once(const Snapshot& tenant, http::Call& call, std::string_view kind, std::string_view client_id,
                std::string_view identifier, base::Instant expires_at);
// The same inside the transaction that decides, where who asks is known before.
bool claim_once(const store::Writer& w, std::string_view kind, std::string_view client_id, std::string_view identifier,
                base::Instant expires_at, base::Instant now);

}  // namespace segue::tenancy
