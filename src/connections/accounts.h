// A database user begins, and gets another password: each in one place, whoever asks for it. The caller's transaction.
#pragma once
#include <optional>
#include <string_view>

#include "http/call.h"
#include "model/directory.h"
#include "store/users.h"
#include "tenancy/snapshot.h"

namespace segue::connections {

// At whose request, and where the user belongs.
struct AccountChange {
  const http::Call& call;
  const tenancy::Snapshot& tenant;
  const model::Connection& connection;
  const model::Client* client = nullptr;  // null: the Management API
};

// Who is told of it in the same transaction: Actions (post-user-registration, post-change-password). oauth/ implements it.
class AccountTriggers {
 public:
  virtual ~AccountTriggers() = default;
  virtual void user_registered(const store::Writer& w, const AccountChange& change, const model::User& user) = 0;
  virtual void password_changed(const store::Writer& w, const AccountChange& change, const model::User& user) = 0;
};

// Where nothing runs Actions.
class NoAccountTriggers final : public AccountTriggers {
 public:
  void user_registered(const store::Writer&, const AccountChange&, const model::User&) override {}
  void password_changed(const store::Writer&, const AccountChange&, const model::User&) override {}
};

// missing: the connection is gone. taken: e-mail address, user name or user_id exists.
store::users::Written create_user(const store::Writer& w, AccountTriggers& triggers, const AccountChange& change,
                                  const model::User& user);

// Sets the hash in the row and in `user`, as find_for_change() read it, and ends the sessions. Of an identity that is linked to a
// user (identities::find_for_change): those of that user.
void change_password(const store::Writer& w, AccountTriggers& triggers, const AccountChange& change, model::User& user,
                     std::string_view password_hash, base::Instant now);

}  // namespace segue::connections
