#include "store/identities.h"

#include <algorithm>

#include "store/email_tickets.h"
#include "store/password_tickets.h"
#include "store/user_columns.h"
#include "store/users.h"

namespace segue::store::identities {
namespace {

constexpr sql::Statement kList{"identities.list_linked", R"sql(
    select user_id, connection_id, email, username, email_verified, profile from users
     where tenant_id = $1 and linked_to = $2 and linked_to <> '' order by created_at, user_id)sql"};
constexpr sql::Statement kFind{"identities.find",
                               "select " SEGUE_USER_COLUMNS " from users where tenant_id = $1 and user_id = $2"};
// Each is a user, and they are two. A new epoch: what the identity held as a user stays dead when it is one again.
constexpr sql::Statement kLink{"identities.link", R"sql(
    update users set linked_to = $3, has_linked = false, updated_at = $4,
                     password_epoch = case when password_epoch < $4 then $4 else password_epoch + 1 end
     where tenant_id = $1 and user_id = $2 and user_id <> $3 and linked_to = ''
       and exists (select 1 from users u where u.tenant_id = $1 and u.user_id = $3 and u.linked_to = ''))sql"};
constexpr sql::Statement kMoveLinks{"identities.move_links", R"sql(
    update users set linked_to = $3 where tenant_id = $1 and linked_to = $2 and linked_to <> '')sql"};
constexpr sql::Statement kHasLinked{"identities.has_linked", R"sql(
    update users set has_linked = true, updated_at = $3 where tenant_id = $1 and user_id = $2)sql"};
constexpr sql::Statement kUnlink{"identities.unlink", R"sql(
    update users set linked_to = '', updated_at = $4 where tenant_id = $1 and user_id = $2 and linked_to = $3)sql"};
constexpr sql::Statement kStillHasLinked{"identities.still_has_linked", R"sql(
    update users set updated_at = $3,
                     has_linked = exists (select 1 from users i
                                           where i.tenant_id = $1 and i.linked_to = $2 and i.linked_to <> '')
     where tenant_id = $1 and user_id = $2)sql"};
constexpr sql::Statement kDeleteLinked{"identities.delete_linked", R"sql(
    delete from users where tenant_id = $1 and linked_to = $2 and linked_to <> '' returning user_id)sql"};
constexpr sql::Statement kDeleteOrphans{"identities.delete_orphans", R"sql(
    delete from users
     where tenant_id = $1 and linked_to <> ''
       and not exists (select 1 from users u where u.tenant_id = $1 and u.user_id = users.linked_to)
 returning user_id)sql"};

model::LinkedIdentity read_linked(const sql::Row& row) {
  return {row.string(0), row.string(1), row.string(2), row.string(3), row.boolean(4), document_of(row.text(5))};
}

std::string read_user_id(const sql::Row& row) { return row.string(0); }

void end_tickets(const Writer& w, const std::vector<std::string>& user_ids, base::Instant now) {
  for (const auto& user_id : user_ids) {
    password_tickets::end_all_of_user(w, user_id, now);
    email_tickets::end_all_of_user(w, user_id, now);
  }
}

using Lock = std::optional<model::User> (*)(const Writer&, std::string_view);

std::optional<Held> hold(const Writer& w, std::string_view user_id, Lock lock) {
  auto identity = find(w, user_id);
  if (!identity) return std::nullopt;
  auto subject = lock(w, identity->subject());
  if (!subject) return std::nullopt;
  // As it stands under the lock. Linked anew meanwhile, it is not what the caller was told of.
  auto held = find(w, user_id);
  if (!held || held->subject() != subject->user_id) return std::nullopt;
  return Held{std::move(*held), std::move(*subject)};
}

// In the order of their ids, whoever is to be linked to whom: two that are linked to each other at once do not wait for each
// other.
std::pair<std::optional<model::User>, std::optional<model::User>> lock_both(const Writer& w, std::string_view one,
                                                                            std::string_view other) {
  if (one < other) {
    auto first = users::find_for_change(w, one);
    return {std::move(first), users::find_for_change(w, other)};
  }
  auto second = users::find_for_change(w, other);
  return {users::find_for_change(w, one), std::move(second)};
}

}  // namespace

std::vector<model::LinkedIdentity> list_linked(const Reader& r, std::string_view user_id) {
  return r.connection.list(kList, {r.tenant, user_id}, read_linked);
}

std::optional<model::User> find(const Reader& r, std::string_view user_id) {
  auto row = r.connection.maybe_one(kFind, {r.tenant, user_id}, read_user_row);
  if (!row) return std::nullopt;
  if (row->has_linked) row->user.linked = list_linked(r, user_id);
  return std::move(row->user);
}

std::optional<model::User> find_subject(const Reader& r, const model::User& identity) {
  return identity.linked_to.empty() ? std::optional(identity) : users::find(r, identity.linked_to);
}

std::optional<Held> find_for_change(const Writer& w, std::string_view user_id) {
  return hold(w, user_id, users::find_for_change);
}

std::optional<Held> lock(const Writer& w, std::string_view user_id) { return hold(w, user_id, users::lock); }

Linked link(const Writer& w, std::string_view user_id, std::string_view identity_id, base::Instant now) {
  if (user_id == identity_id) return Linked::itself;
  const auto [user, identity] = lock_both(w, user_id, identity_id);
  if (!user) return Linked::no_user;
  if (!identity) return find(w, identity_id) ? Linked::before : Linked::no_identity;
  if (user->linked.size() + identity->linked.size() + 2 > kMost) return Linked::too_many;
  if (w.connection.execute(kLink, {w.tenant, identity_id, user_id, now}) == 0) return Linked::before;
  w.connection.execute(kMoveLinks, {w.tenant, identity_id, user_id});
  w.connection.execute(kHasLinked, {w.tenant, user_id, now});
  users::end_all_that_they_hold(w, identity_id, now);
  return Linked::done;
}

bool unlink(const Writer& w, std::string_view user_id, std::string_view identity_id, base::Instant now) {
  if (!users::find_for_change(w, user_id)) return false;
  if (w.connection.execute(kUnlink, {w.tenant, identity_id, user_id, now}) == 0) return false;
  w.connection.execute(kStillHasLinked, {w.tenant, user_id, now});
  return true;
}

void delete_linked(const Writer& w, std::string_view user_id, base::Instant now) {
  end_tickets(w, w.connection.list(kDeleteLinked, {w.tenant, user_id}, read_user_id), now);
}

void delete_orphans(const Writer& w, base::Instant now) {
  end_tickets(w, w.connection.list(kDeleteOrphans, {w.tenant}, read_user_id), now);
}

}  // namespace segue::store::identities
