// Users (contract §9.10).
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "model/directory.h"
#include "store/paging.h"
#include "store/revocations.h"
#include "store/store.h"

namespace segue::store::users {

// Identities that are linked to a user are no users: nothing here finds, counts or lists their rows but what says so.
std::optional<model::User> find(const Reader& r, std::string_view user_id);
// Those that exist, in the same order.
std::vector<model::User> find_each(const Reader& r, const std::vector<std::string>& user_ids);
// For read-modify-write: as it stands, locked until the commit.
std::optional<model::User> find_for_change(const Writer& w, std::string_view user_id);
// By e-mail or user name, compared without case, within one connection. Also an identity that is linked to a user: `linked_to`
// names whom it signs in.
std::optional<model::User> find_by_identifier(const Reader& r, std::string_view connection_id, std::string_view identifier);
std::vector<model::User> list_by_email(const Reader& r, std::string_view email);
std::vector<model::User> list_page(const Reader& r, const Offset& offset);   // by creation time, then user_id
std::vector<model::User> list_after(const Reader& r, const Keyset& keyset);  // by user_id
// By creation time, then user_id, behind this place; backwards where asked. However many stand before it, a page costs the same.
struct CreationPlace {
  base::Instant created_at{};
  std::string user_id;
};
std::vector<model::User> list_created_after(const Reader& r, const CreationPlace& place, int take);
std::vector<model::User> list_created_before(const Reader& r, const CreationPlace& place, int take);
std::int64_t count(const Reader& r);

enum class Written { done, taken, missing };  // taken: e-mail, user name or user_id exists
Written insert(const Writer& w, const model::User& user);
// Replaces every field but counters (logins_count, last_login, last_ip), links, and the password with its times. Takes a linked
// identity as well.
Written update(const Writer& w, const model::User& user);
// Revokes what the user holds as well: grants, refresh token families and sessions, with all that grew from them.
// Identities that are linked to them go, too.
bool delete_one(const Writer& w, std::string_view user_id, base::Instant now);
// What ends with a user but for their row.
void end_all_that_they_hold(const Writer& w, std::string_view user_id, base::Instant now);
// Ends the sessions, and so the refresh tokens that live with them (contract §6.4: an identifier was changed for the user).
void end_sessions(const Writer& w, std::string_view user_id, base::Instant now,
                  std::string_view initiator = revocations::kIdentifierChanged);

// A new password: sets hash, last_password_reset and the password epoch, which ends older sessions and stops older refresh
// tokens from minting session transfer tokens. A linked identity's password is its own, and the epoch the user's, too.
bool update_password(const Writer& w, std::string_view user_id, std::string_view password_hash, base::Instant now);
// The same password under a better hash: changes nothing else.
void replace_hash(const Writer& w, std::string_view user_id, std::string_view old_hash, std::string_view new_hash);
void record_login(const Writer& w, std::string_view user_id, std::string_view ip, base::Instant now);

// What every deciding transaction asks of a user. Locks the row against deletion, blocking and a new password until the commit.
// The user is the root of the graph: ask first, before any lock on what the user holds.
struct Standing {
  bool blocked = false;
  base::Instant password_epoch{};
};
std::optional<Standing> lock_standing(const Writer& w, std::string_view user_id);
// The whole row under the same lock.
std::optional<model::User> lock(const Writer& w, std::string_view user_id);

}  // namespace segue::store::users
