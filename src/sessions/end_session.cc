#include "sessions/end_session.h"

#include <algorithm>

#include "audit/event_of.h"
#include "crypto/digest.h"
#include "sessions/live_session.h"
#include "store/connections.h"
#include "store/sessions.h"
#include "store/users.h"

namespace segue::sessions {

std::vector<model::Session> lock_live_sessions(const store::Writer& w, const std::vector<tenancy::PresentedHandle>& cookies,
                                               base::Instant now) {
  std::vector<const tenancy::PresentedHandle*> ordered;
  for (const auto& cookie : cookies) ordered.push_back(&cookie);
  std::sort(ordered.begin(), ordered.end(), [](const auto* a, const auto* b) { return a->id < b->id; });
  std::vector<model::Session> out;
  for (const auto* const cookie : ordered) {
    if (auto session = lock_live(w, *cookie, now)) out.push_back(std::move(*session));
  }
  return out;
}

std::vector<model::Session> expired_sessions(const store::Reader& r, const std::vector<tenancy::PresentedHandle>& cookies,
                                             base::Instant now) {
  std::vector<model::Session> out;
  for (const auto& cookie : cookies) {
    auto found = store::sessions::find(r, cookie.id);
    if (!found || !crypto::equal_in_constant_time(found->secret_hash, cookie.secret_hash)) continue;
    auto& session = found->session;
    const bool is_expired = session.expires_at <= now || session.idle_expires_at <= now;
    if (is_expired && !session.revoked_at) out.push_back(std::move(session));
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
