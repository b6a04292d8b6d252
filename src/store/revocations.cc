#include "store/revocations.h"

namespace segue::store::revocations {
namespace {

constexpr sql::Statement kInsert{"revocations.insert", R"sql(
    insert into revocations (tenant_id, revocation_id, kind, root_id, user_id, initiator, revoked_at, next_attempt_at)
    values ($1, $2, $3, $4, $5, $6, $7, $7))sql"};
constexpr sql::Statement kFindTenantDue{"revocations.find_tenant_due", R"sql(
    select tenant_id from revocations where next_attempt_at <= $1 order by next_attempt_at, tenant_id limit 1)sql"};
#define SEGUE_TAKE(lock)                                                                                             \
  "update revocations set next_attempt_at = $3 where tenant_id = $1 and revocation_id = (select revocation_id from " \
  "revocations where tenant_id = $1 and next_attempt_at <= $2 order by next_attempt_at, revocation_id limit 1" lock  \
  ") "                                                                                                               \
  "returning revocation_id, kind, root_id, user_id, initiator, revoked_at"
// Two nodes that ask at once get two rows.
constexpr sql::Statement kTake{"revocations.take", SEGUE_TAKE(""), SEGUE_TAKE(" for update skip locked")};
#undef SEGUE_TAKE
constexpr sql::Statement kKeep{"revocations.keep", R"sql(
    update revocations set next_attempt_at = $3 where tenant_id = $1 and revocation_id = $2)sql"};
constexpr sql::Statement kFinish{"revocations.finish", "delete from revocations where tenant_id = $1 and revocation_id = $2"};

constexpr std::string_view kSession = "session", kFamily = "family", kGrant = "grant", kUser = "user";

void insert(const Writer& w, std::string_view kind, base::RowId root_id, std::string_view user_id, std::string_view initiator,
            base::Instant now) {
  w.connection.execute(kInsert, {w.tenant, w.ids.next(), kind, root_id, user_id, initiator, now});
}

}  // namespace

void insert_session(const Writer& w, base::RowId session_id, std::string_view initiator, base::Instant now) {
  insert(w, kSession, session_id, "", initiator, now);
}

void insert_family(const Writer& w, base::RowId family_id, std::string_view initiator, base::Instant now) {
  insert(w, kFamily, family_id, "", initiator, now);
}

void insert_grant(const Writer& w, base::RowId grant_id, std::string_view initiator, base::Instant now) {
  insert(w, kGrant, grant_id, "", initiator, now);
}

void insert_user(const Writer& w, std::string_view user_id, std::string_view initiator, base::Instant now) {
  insert(w, kUser, {}, user_id, initiator, now);
}

std::optional<base::TenantId> find_tenant_due(sql::Connection& connection, base::Instant now) {
  return connection.maybe_one(kFindTenantDue, {now}, [](const sql::Row& row) { return base::TenantId(row.integer(0)); });
}

std::optional<Work> take(const Writer& w, base::Instant now, base::Instant until) {
  return w.connection.maybe_one(kTake, {w.tenant, now, until}, [](const sql::Row& row) {
    const auto kind = row.text(1);
    return Work{.revocation_id = row.row_id(0),
                .root = kind == kSession  ? Root::session
                        : kind == kFamily ? Root::family
                        : kind == kGrant  ? Root::grant
                                          : Root::user,
                .root_id = row.row_id(2),
                .user_id = row.string(3),
                .initiator = row.string(4),
                .revoked_at = row.instant(5)};
  });
}

void keep(const Writer& w, base::RowId revocation_id, base::Instant until) {
  w.connection.execute(kKeep, {w.tenant, revocation_id, until});
}

void finish(const Writer& w, base::RowId revocation_id) { w.connection.execute(kFinish, {w.tenant, revocation_id}); }

}  // namespace segue::store::revocations
