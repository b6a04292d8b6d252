#include "connections/accounts.h"

#include "store/connections.h"

namespace segue::connections {

store::users::Written create_user(const store::Writer& w, AccountTriggers& triggers, const AccountChange& change,
                                  const model::User& user) {
  // It may have been deleted while the password was hashed.
  if (!store::connections::find(w, user.connection_id)) return store::users::Written::missing;
  const auto written = store::users::insert(w, user);
  if (written == store::users::Written::done) triggers.user_registered(w, change, user);
  return written;
}

void change_password(const store::Writer& w, AccountTriggers& triggers, const AccountChange& change, model::User& user,
                     std::string_view password_hash, base::Instant now) {
  store::users::update_password(w, user.user_id, password_hash, now);
  store::users::end_sessions(w, user.subject(), now, store::revocations::kPasswordChanged);
  user.password_hash = password_hash;
  user.last_password_reset = now;
  triggers.password_changed(w, change, user);
}

}  // namespace segue::connections
