// An explicit order to end a record and all that grew from it. It cascades whatever the client's setting says, and also where the
// record was revoked before without cascading. Only roots are marked: what is below asks them at its next use (design §4), and is
// marked beside the requests. The caller has locked the user, so nothing of theirs is half-way through.
#pragma once
#include <string_view>

#include "base/clock.h"
#include "base/ids.h"
#include "store/store.h"

namespace segue::store::session_graph {

// The session, and every grant and refresh token that was made in it.
void end_session(const Writer& w, base::RowId session_id, base::Instant now);
void end_grant(const Writer& w, base::RowId grant_id, base::Instant now);
void end_family(const Writer& w, base::RowId family_id, base::Instant now);

// One handoff: the token, spent or not, the session that it opened with what was issued there, and the refresh tokens that it
// brought into a session which was there before. That session stays.
struct Handoff {
  base::RowId session_transfer_token_id{}, family_id{};
  std::string_view transfer_id;
};
void end_transfer(const Writer& w, const Handoff& handoff, base::Instant now);

}  // namespace segue::store::session_graph
