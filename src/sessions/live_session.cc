#include "sessions/live_session.h"

#include "crypto/digest.h"
#include "sessions/lifetimes.h"
#include "store/grants.h"
#include "store/refresh_tokens.h"
#include "store/sessions.h"
#include "store/users.h"

namespace segue::sessions {
namespace {

template <class Standing>
bool lets_descendants_live(const std::optional<Standing>& standing) {
  // A missing ancestor denies (design §8.8).
  return standing && !(standing->revoked && standing->revocation_cascades);
}

bool user_lets_live(const store::Writer& w, const model::Session& session) {
  const auto user = store::users::lock_standing(w, session.user_id);
  return user && !user->blocked && user->password_epoch == session.password_epoch;
}

bool is_over(const model::Session& session, base::Instant now) {
  return session.expires_at <= now || session.idle_expires_at <= now;
}

// The user, then the ancestors, then the session, so that every transaction takes its locks root first.
std::optional<store::sessions::Found> lock_checked(const store::Writer& w, const model::Session& seen, base::Instant now) {
  if (!user_lets_live(w, seen) || !ancestors_live(w, seen.ancestry, now)) return std::nullopt;
  auto locked = store::sessions::lock(w, seen.session_id);
  if (!locked) return std::nullopt;
  const auto& session = locked->session;
  if (session.revoked_at || is_over(session, now)) return std::nullopt;
  return locked;
}

std::optional<model::Session> usable(const store::Writer& w, const model::Tenant& tenant, std::optional<model::Session> session,
                                     base::Instant now) {
  if (!session) return std::nullopt;
  shorten(*session, lifetimes_of(tenant, *session));
  if (!is_over(*session, now)) return session;
  // Written down, so that a longer setting does not bring it back.
  store::sessions::touch(w, *session);
  return std::nullopt;
}

}  // namespace

bool ancestors_live(const store::Writer& w, const model::Ancestry& ancestry, base::Instant now) {
  if (ancestry.parent_grant_id != base::RowId{} &&
      !lets_descendants_live(store::grants::lock_standing(w, ancestry.parent_grant_id)))
    return false;
  if (ancestry.parent_family_id != base::RowId{} &&
      !lets_descendants_live(store::refresh_tokens::lock_standing(w, ancestry.parent_family_id, now))) {
    return false;
  }
  return true;
}

std::optional<model::Session> lock_live(const store::Writer& w, const tenancy::PresentedHandle& handle, base::Instant now) {
  const auto seen = store::sessions::find(w, handle.id);
  if (!seen || !crypto::equal_in_constant_time(seen->secret_hash, handle.secret_hash)) return std::nullopt;
  auto locked = lock_checked(w, seen->session, now);
  // Again under the lock: a sign-in that was committed meanwhile may have given the session a new secret.
  if (!locked || !crypto::equal_in_constant_time(locked->secret_hash, handle.secret_hash)) return std::nullopt;
  return std::move(locked->session);
}

std::optional<model::Session> lock_usable(const store::Writer& w, const model::Tenant& tenant,
                                          const tenancy::PresentedHandle& handle, base::Instant now) {
  return usable(w, tenant, lock_live(w, handle, now), now);
}

std::optional<model::Session> lock_usable(const store::Writer& w, const model::Tenant& tenant, base::RowId session_id,
                                          base::Instant now) {
  const auto seen = store::sessions::find(w, session_id);
  auto locked = seen ? lock_checked(w, seen->session, now) : std::nullopt;
  return locked ? usable(w, tenant, std::move(locked->session), now) : std::nullopt;
}

bool is_live(const store::Writer& w, base::RowId session_id, base::Instant now) {
  const auto seen = store::sessions::find(w, session_id);
  return seen && lock_checked(w, seen->session, now).has_value();
}

}  // namespace segue::sessions
