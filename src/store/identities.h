// Identities that are linked to a user (contract §9.10). The row of one stays what it was for its connection, with its password
// and its identifiers; it is no user any more, and whoever signs in with it is the user that it is linked to.
//
// Links change only while the user is locked for change, on either side of them: who holds that lock knows all of theirs.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "model/directory.h"
#include "store/store.h"

namespace segue::store::identities {

// So many in all, the user's own included: each answer shows all of them.
inline constexpr std::size_t kMost = 50;

// Without the user's own.
std::vector<model::LinkedIdentity> list_linked(const Reader& r, std::string_view user_id);

// A row of `users`, whether it is a user or linked to one.
std::optional<model::User> find(const Reader& r, std::string_view user_id);
// Whom it signs in: itself, where it is a user. Nothing: they are gone.
std::optional<model::User> find_subject(const Reader& r, const model::User& identity);

// The identity and its user, locked until the commit as users::find_for_change() and users::lock() do.
struct Held {
  model::User identity;
  model::User subject;  // the same where the identity is a user
};
std::optional<Held> find_for_change(const Writer& w, std::string_view user_id);
std::optional<Held> lock(const Writer& w, std::string_view user_id);

enum class Linked {
  done,
  no_user,      // there is none of this user_id
  no_identity,  // the same of the other
  itself,
  before,  // it is linked already, to this user or to another
  too_many,
};
// Makes the user `identity_id` an identity of `user_id`, with all that is linked to it, and ends what it held as a user.
Linked link(const Writer& w, std::string_view user_id, std::string_view identity_id, base::Instant now);
// Makes it a user again, who holds nothing. False: it is not linked to `user_id`.
bool unlink(const Writer& w, std::string_view user_id, std::string_view identity_id, base::Instant now);

// The user was deleted: what was linked to them goes too.
void delete_linked(const Writer& w, std::string_view user_id, base::Instant now);
// The same for everybody who was just deleted: no link leads nowhere.
void delete_orphans(const Writer& w, base::Instant now);

}  // namespace segue::store::identities
