#include "store/users.h"

#include "base/text.h"
#include "store/email_tickets.h"
#include "store/identities.h"
#include "store/organization_members.h"
#include "store/password_tickets.h"
#include "store/permissions.h"
#include "store/role_members.h"
#include "store/user_columns.h"
#include "store/user_consents.h"

namespace segue::store::users {
namespace {

// A row that is linked to a user is none (store/identities.h): whatever asks for users passes it over.
#define SEGUE_USER "select " SEGUE_USER_COLUMNS " from users where tenant_id = $1 and user_id = $2 and linked_to = ''"
constexpr sql::Statement kFind{"users.find", SEGUE_USER};
// See users.lock_standing for the strength of the lock.
constexpr sql::Statement kLock{"users.lock", SEGUE_USER, SEGUE_USER " for key share"};
// The one lock that a lock_standing excludes. SQLite's single writer needs none.
constexpr sql::Statement kFindForChange{"users.find_for_change", SEGUE_USER, SEGUE_USER " for update"};
#undef SEGUE_USER
// An e-mail address wins over somebody else's user name of the same text.
constexpr sql::Statement kFindByIdentifier{"users.find_by_identifier", "select " SEGUE_USER_COLUMNS R"sql( from users
     where tenant_id = $1 and connection_id = $2 and (email_normalized = $3 or username_normalized = $3)
     order by case when email_normalized = $3 then 0 else 1 end limit 1)sql"};
constexpr sql::Statement kListByEmail{"users.list_by_email", "select " SEGUE_USER_COLUMNS R"sql( from users
     where tenant_id = $1 and email_normalized = $2 and linked_to = '' order by created_at, user_id)sql"};
constexpr sql::Statement kListPage{"users.list_page", "select " SEGUE_USER_COLUMNS R"sql( from users
     where tenant_id = $1 and linked_to = '' order by created_at, user_id limit $2 offset $3)sql"};
constexpr sql::Statement kListAfter{"users.list_after", "select " SEGUE_USER_COLUMNS R"sql( from users
     where tenant_id = $1 and user_id > $2 and linked_to = '' order by user_id limit $3)sql"};
constexpr sql::Statement kListCreatedAfter{"users.list_created_after", "select " SEGUE_USER_COLUMNS R"sql( from users
     where tenant_id = $1 and (created_at, user_id) > ($2, $3) and linked_to = '' order by created_at, user_id limit $4)sql"};
constexpr sql::Statement kListCreatedBefore{"users.list_created_before", "select " SEGUE_USER_COLUMNS R"sql( from users
     where tenant_id = $1 and (created_at, user_id) < ($2, $3) and linked_to = '' order by created_at desc, user_id desc limit $4)sql"};
// Each part is answered by an index.
constexpr sql::Statement kCount{"users.count", R"sql(
    select (select count(*) from users where tenant_id = $1)
         - (select count(*) from users where tenant_id = $1 and linked_to <> ''))sql"};
constexpr sql::Statement kInsert{"users.insert", R"sql(
    insert into users (tenant_id, user_id, connection_id, email, email_normalized, username, username_normalized, password_hash,
                       email_verified, blocked, logins_count, last_login, last_ip, last_password_reset, password_epoch, profile,
                       created_at, updated_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
    on conflict do nothing)sql"};
constexpr sql::Statement kTaken{"users.taken", R"sql(
    select 1 from users
     where tenant_id = $1 and connection_id = $2 and user_id <> $3 and (email_normalized = $4 or username_normalized = $5) limit 1)sql"};
constexpr sql::Statement kUpdate{"users.update", R"sql(
    update users set email = $3, email_normalized = $4, username = $5, username_normalized = $6, email_verified = $7, blocked = $8,
                     profile = $9, updated_at = $10
     where tenant_id = $1 and user_id = $2)sql"};
constexpr sql::Statement kRevokeSessions{"users.revoke_sessions", R"sql(
    update sessions set revoked_at = $3, revocation_cascades = $4
     where tenant_id = $1 and user_id = $2 and revoked_at is null)sql"};
constexpr sql::Statement kRevokeFamilies{"users.revoke_refresh_token_families", R"sql(
    update refresh_token_families set revoked_at = $3, revocation_cascades = true
     where tenant_id = $1 and user_id = $2 and revoked_at is null)sql"};
constexpr sql::Statement kRevokeGrants{"users.revoke_grants", R"sql(
    update grants set revoked_at = $3, revocation_cascades = true
     where tenant_id = $1 and user_id = $2 and revoked_at is null)sql"};
constexpr sql::Statement kDelete{"users.delete", "delete from users where tenant_id = $1 and user_id = $2 and linked_to = ''"};
// Each password has an epoch of its own, also where the clock stands still or has stepped back.
constexpr sql::Statement kUpdatePassword{"users.update_password", R"sql(
    update users set password_hash = $3, last_password_reset = $4, updated_at = $4,
                     password_epoch = case when password_epoch < $4 then $4 else password_epoch + 1 end
     where tenant_id = $1 and user_id = $2)sql"};
// A password that signs the user in changed, and it is not the one in their own row.
constexpr sql::Statement kRenewEpoch{"users.renew_password_epoch", R"sql(
    update users set password_epoch = case when password_epoch < $3 then $3 else password_epoch + 1 end
     where tenant_id = $1 and user_id = $2)sql"};
constexpr sql::Statement kReplaceHash{"users.replace_hash", R"sql(
    update users set password_hash = $4 where tenant_id = $1 and user_id = $2 and password_hash = $3)sql"};
constexpr sql::Statement kRecordLogin{"users.record_login", R"sql(
    update users set logins_count = logins_count + 1, last_login = $3, last_ip = $4 where tenant_id = $1 and user_id = $2)sql"};
// `for key share`: login counters, which every sign-in writes after it asked, need no exclusion. `for share` would have to be
// raised for them, and two sign-ins of one user that both hold it would wait for each other.
#define SEGUE_STANDING "select blocked, password_epoch from users where tenant_id = $1 and user_id = $2 and linked_to = ''"
constexpr sql::Statement kLockStanding{"users.lock_standing", SEGUE_STANDING, SEGUE_STANDING " for key share"};
#undef SEGUE_STANDING

// With what is linked to them: one more statement, and only for who may have some.
model::User with_linked(const Reader& r, UserRow row) {
  if (row.has_linked) row.user.linked = identities::list_linked(r, row.user.user_id);
  return std::move(row.user);
}

std::optional<model::User> with_linked(const Reader& r, std::optional<UserRow> row) {
  return row ? std::optional(with_linked(r, std::move(*row))) : std::nullopt;
}

std::vector<model::User> with_linked(const Reader& r, std::vector<UserRow> rows) {
  std::vector<model::User> out;
  out.reserve(rows.size());
  for (auto& row : rows) out.push_back(with_linked(r, std::move(row)));
  return out;
}

bool stands_linked(const Writer& w, const model::User& identity) {
  const auto held = identities::find_for_change(w, identity.user_id);
  return held && held->identity.linked_to == identity.linked_to;
}

// Null for none: a unique index lets many rows have no value.
std::optional<std::string> normalized(const std::string& identifier) {
  return identifier.empty() ? std::nullopt : std::optional(base::ascii_lower(identifier));
}

}  // namespace

std::optional<model::User> find(const Reader& r, std::string_view user_id) {
  return with_linked(r, r.connection.maybe_one(kFind, {r.tenant, user_id}, read_user_row));
}

std::vector<model::User> find_each(const Reader& r, const std::vector<std::string>& user_ids) {
  std::vector<model::User> out;
  for (const auto& user_id : user_ids) {
    if (auto user = find(r, user_id)) out.push_back(std::move(*user));
  }
  return out;
}

std::optional<model::User> find_for_change(const Writer& w, std::string_view user_id) {
  return with_linked(w, w.connection.maybe_one(kFindForChange, {w.tenant, user_id}, read_user_row));
}

std::optional<model::User> find_by_identifier(const Reader& r, std::string_view connection_id, std::string_view identifier) {
  return with_linked(
      r, r.connection.maybe_one(kFindByIdentifier, {r.tenant, connection_id, base::ascii_lower(identifier)}, read_user_row));
}

std::vector<model::User> list_by_email(const Reader& r, std::string_view email) {
  return with_linked(r, r.connection.list(kListByEmail, {r.tenant, base::ascii_lower(email)}, read_user_row));
}

std::vector<model::User> list_page(const Reader& r, const Offset& offset) {
  return with_linked(
      r, r.connection.list(kListPage, {r.tenant, offset.per_page, std::int64_t{offset.page} * offset.per_page}, read_user_row));
}

std::vector<model::User> list_after(const Reader& r, const Keyset& keyset) {
  return with_linked(r, r.connection.list(kListAfter, {r.tenant, keyset.after, keyset.take}, read_user_row));
}

std::vector<model::User> list_created_after(const Reader& r, const CreationPlace& place, int take) {
  return with_linked(r, r.connection.list(kListCreatedAfter, {r.tenant, place.created_at, place.user_id, take}, read_user_row));
}

std::vector<model::User> list_created_before(const Reader& r, const CreationPlace& place, int take) {
  return with_linked(r, r.connection.list(kListCreatedBefore, {r.tenant, place.created_at, place.user_id, take}, read_user_row));
}

std::int64_t count(const Reader& r) {
  return *r.connection.maybe_one(kCount, {r.tenant}, [](const sql::Row& row) { return row.integer(0); });
}

Written insert(const Writer& w, const model::User& user) {
  // The epoch starts at the creation: what belonged to a deleted user of the same user_id stays dead.
  const auto inserted =
      w.connection.execute(kInsert, {w.tenant, user.user_id, user.connection_id, user.email, normalized(user.email),
                                     user.username, normalized(user.username), user.password_hash, user.email_verified,
                                     user.blocked, user.logins_count, user.last_login, user.last_ip, user.last_password_reset,
                                     user.created_at, json::write(user.profile), user.created_at, user.updated_at});
  return inserted == 1 ? Written::done : Written::taken;
}

Written update(const Writer& w, const model::User& user) {
  const bool stands = user.linked_to.empty() ? find_for_change(w, user.user_id).has_value() : stands_linked(w, user);
  if (!stands) return Written::missing;
  const auto email = normalized(user.email), username = normalized(user.username);
  const auto taken = w.connection.maybe_one(kTaken, {w.tenant, user.connection_id, user.user_id, email, username},
                                            [](const sql::Row&) { return true; });
  if (taken) return Written::taken;
  const auto updated =
      w.connection.execute(kUpdate, {w.tenant, user.user_id, user.email, email, user.username, username, user.email_verified,
                                     user.blocked, json::write(user.profile), user.updated_at});
  return updated == 1 ? Written::done : Written::missing;
}

bool delete_one(const Writer& w, std::string_view user_id, base::Instant now) {
  if (w.connection.execute(kDelete, {w.tenant, user_id}) == 0) return false;
  identities::delete_linked(w, user_id, now);
  end_all_that_they_hold(w, user_id, now);
  return true;
}

void end_all_that_they_hold(const Writer& w, std::string_view user_id, base::Instant now) {
  w.connection.execute(kRevokeGrants, {w.tenant, user_id, now});
  w.connection.execute(kRevokeFamilies, {w.tenant, user_id, now});
  // Whatever grew from what the user held is the user's too, so the sessions are all of it.
  if (w.connection.execute(kRevokeSessions, {w.tenant, user_id, now, true}) > 0)
    revocations::insert_user(w, user_id, revocations::kAccountDeleted, now);
  password_tickets::end_all_of_user(w, user_id, now);
  email_tickets::end_all_of_user(w, user_id, now);
  organization_members::remove_everywhere(w, user_id);
  role_members::delete_of_user(w, user_id);
  permissions::delete_of_user(w, user_id);
  user_consents::delete_of_user(w, user_id);  // a later user of the same user_id has allowed nothing
}

void end_sessions(const Writer& w, std::string_view user_id, base::Instant now, std::string_view initiator) {
  if (w.connection.execute(kRevokeSessions, {w.tenant, user_id, now, false}) > 0)
    revocations::insert_user(w, user_id, initiator, now);
}

bool update_password(const Writer& w, std::string_view user_id, std::string_view password_hash, base::Instant now) {
  const auto held = identities::find_for_change(w, user_id);
  if (!held) return false;
  // What was proved with the old password was proved of the user.
  if (!held->identity.linked_to.empty()) w.connection.execute(kRenewEpoch, {w.tenant, held->subject.user_id, now});
  return w.connection.execute(kUpdatePassword, {w.tenant, user_id, password_hash, now}) == 1;
}

void replace_hash(const Writer& w, std::string_view user_id, std::string_view old_hash, std::string_view new_hash) {
  w.connection.execute(kReplaceHash, {w.tenant, user_id, old_hash, new_hash});
}

void record_login(const Writer& w, std::string_view user_id, std::string_view ip, base::Instant now) {
  w.connection.execute(kRecordLogin, {w.tenant, user_id, now, ip});
}

std::optional<model::User> lock(const Writer& w, std::string_view user_id) {
  return with_linked(w, w.connection.maybe_one(kLock, {w.tenant, user_id}, read_user_row));
}

std::optional<Standing> lock_standing(const Writer& w, std::string_view user_id) {
  return w.connection.maybe_one(kLockStanding, {w.tenant, user_id}, [](const sql::Row& row) {
    return Standing{row.boolean(0), row.instant(1)};
  });
}

}  // namespace segue::store::users
