#include "sessions/participation.h"

#include "sessions/live_session.h"
#include "store/session_clients.h"

namespace segue::sessions {

bool take_part(const tenancy::Snapshot& tenant, const model::Session& session, const model::SessionParticipant& participant,
               base::Instant now) {
  return tenant.store().write(tenant.tenant().id, [&](const store::Writer& w) {
    // Locked, as a sign-out locks it: one of the two is first.
    return is_live(w, session.session_id, now) && store::session_clients::name(w, session.session_id, participant);
  });
}

}  // namespace segue::sessions
