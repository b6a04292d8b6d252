// The end of a browser's sessions by a sign-out, whatever asked for it (contract §5.3).
#pragma once
#include <vector>

#include "audit/event.h"
#include "model/session_graph.h"
#include "store/store.h"
#include "tenancy/handles.h"

namespace segue::sessions {

// The sessions that a browser presents and that live, locked. Another site below the same parent domain can plant a cookie beside
// ours: a sign-out ends them all, lest the person stays signed in. Locked in the order of their ids, whatever order they came in.
std::vector<model::Session> lock_live_sessions(const store::Writer& w, const std::vector<tenancy::PresentedHandle>& cookies,
                                               base::Instant now);
// Those that nothing but their time has ended: service providers may keep the person signed in for longer.
std::vector<model::Session> expired_sessions(const store::Reader& r, const std::vector<tenancy::PresentedHandle>& cookies,
                                             base::Instant now);
// In the transaction that found the session live: it ends for every application, whose relying parties hear of it
// (src/backchannel). `row` is of the request; its details say who asked.
void end_session(const store::Writer& w, const model::Session& session, audit::Event row, base::Instant now);

}  // namespace segue::sessions
