// How a row of `users` is read: of a user, or of an identity that is linked to one.
#pragma once
#include "model/directory.h"
#include "sql/connection.h"
#include "store/document.h"

namespace segue::store {

#define SEGUE_USER_COLUMNS                                                                                      \
  "user_id, connection_id, email, username, password_hash, email_verified, blocked, logins_count, last_login, " \
  "last_password_reset, "                                                                                       \
  "last_ip, profile, created_at, updated_at, password_epoch, linked_to, has_linked"

struct UserRow {
  model::User user;
  bool has_linked = false;  // some may be linked to them
};

inline UserRow read_user_row(const sql::Row& row) {
  UserRow out;
  auto& user = out.user;
  user.user_id = row.string(0);
  user.connection_id = row.string(1);
  user.email = row.string(2);
  user.username = row.string(3);
  user.password_hash = row.string(4);
  user.email_verified = row.boolean(5);
  user.blocked = row.boolean(6);
  user.logins_count = row.integer(7);
  user.last_login = row.maybe_instant(8);
  user.last_password_reset = row.maybe_instant(9);
  user.last_ip = row.string(10);
  user.profile = document_of(row.text(11));
  user.created_at = row.instant(12);
  user.updated_at = row.instant(13);
  user.password_epoch = row.instant(14);
  user.linked_to = row.string(15);
  out.has_linked = row.boolean(16);
  return out;
}

}  // namespace segue::store
