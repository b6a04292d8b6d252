// Whether a session may still be used: asked inside the transaction that uses it, never cached (design §4 "Revocation").
#pragma once
#include <optional>

#include "model/directory.h"
#include "model/session_graph.h"
#include "store/store.h"
#include "tenancy/handles.h"

namespace segue::sessions {

// Whether the ancestors of a record let it live: a revoked ancestor whose revocation cascades ends its descendants. Locks the
// ancestors, root first.
bool ancestors_live(const store::Writer& w, const model::Ancestry& ancestry, base::Instant now);

// The session that a handle opens, locked until the commit, when it is live: right secret, not revoked or expired, its ancestors
// live, its user present, not blocked, and with the password it was opened under.
std::optional<model::Session> lock_live(const store::Writer& w, const tenancy::PresentedHandle& handle, base::Instant now);
// The same where the session is about to be used: it must also be within the tenant's lifetimes as they are now. One that is not
// ends for good.
std::optional<model::Session> lock_usable(const store::Writer& w, const model::Tenant& tenant,
                                          const tenancy::PresentedHandle& handle, base::Instant now);
// The same by id, for the use of a session by what lives in it.
std::optional<model::Session> lock_usable(const store::Writer& w, const model::Tenant& tenant, base::RowId session_id,
                                          base::Instant now);
// As lock_live by id, for records that hang below a session.
bool is_live(const store::Writer& w, base::RowId session_id, base::Instant now);

}  // namespace segue::sessions
