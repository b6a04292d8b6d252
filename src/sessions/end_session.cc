#include "sessions/end_session.h"

#include "audit/event_of.h"
#include "sessions/live_session.h"
#include "store/connections.h"
#include "store/sessions.h"
#include "store/users.h"

namespace segue::sessions {

std::vector<model::Session> lock_live_sessions(const store::Writer& w, const std::vector<tenancy::PresentedHandle>& cookies,
                                               base::Instant now) {
  std::vector<model::Session> out;
  for (const auto& cookie : cookies) {
    if (auto session = lock_live(w, cookie, now)) out.push_back(std::move(*session));
  }
  return out;
}

void end_session(const store::Writer& w, const model::Session& session, audit::Event row, base::Instant now) {
  store::sessions::revoke(w, session.session_id, now, store::revocations::kRpLogout);
  if (const auto user = store::users::find(w, session.user_id)) audit::set_user(row, *user, nullptr);
  row.user_id = session.user_id;
  const auto connection = store::connections::find(w, session.connection_id);
  audit::set_connection(row, connection ? &*connection : nullptr);
  row.transfer_id = session.ancestry.transfer_id;
  row.details["session_id"] = session.sid;
  audit::append(w, row, now);
}

}  // namespace segue::sessions
