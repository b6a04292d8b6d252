#include "store/descendants.h"

#include "store/document.h"

namespace segue::store::descendants {
namespace {

#define SEGUE_SESSIONS "select session_id, sid, user_id, transfer_id, metadata from sessions where tenant_id = $1 and "
constexpr sql::Statement kFindSession{"descendants.find_session", SEGUE_SESSIONS "session_id = $2"};
constexpr sql::Statement kSessionsOfFamily{"descendants.sessions_of_family", SEGUE_SESSIONS
                                           "parent_family_id = $2 and session_id > $3 and (revoked_at is null or replaced_by is "
                                           "not null) order by session_id limit $4"};
constexpr sql::Statement kSessionsOfUser{"descendants.sessions_of_user", SEGUE_SESSIONS
                                         "user_id = $2 and revoked_at >= $3 and session_id > $4 order by session_id limit $5"};
#undef SEGUE_SESSIONS
constexpr sql::Statement kReplaced{"descendants.replaced", R"sql(
    select session_id from sessions where tenant_id = $1 and replaced_by = $2 order by session_id)sql"};
constexpr sql::Statement kFamiliesOfSession{"descendants.families_of_session", R"sql(
    select family_id, client_id from refresh_token_families
     where tenant_id = $1 and session_id = $2 and ends_with_session and revoked_at is null order by family_id)sql"};
constexpr sql::Statement kFamiliesOfFamily{"descendants.families_of_family", R"sql(
    select family_id, client_id from refresh_token_families
     where tenant_id = $1 and parent_family_id = $2 and family_id > $3 and revoked_at is null order by family_id limit $4)sql"};
#define SEGUE_ROOTS                                                                                                           \
  "select f.family_id, f.client_id from refresh_token_families f where f.tenant_id = $1 and f.revoked_at is not null and "    \
  "f.revocation_cascades and (exists (select 1 from sessions s where s.tenant_id = $1 and s.parent_family_id = f.family_id) " \
  "or exists (select 1 from refresh_token_families c where c.tenant_id = $1 and c.parent_family_id = f.family_id)) and "
constexpr sql::Statement kRootsOfSession{"descendants.roots_of_session", SEGUE_ROOTS "f.session_id = $2 order by f.family_id"};
constexpr sql::Statement kRootsOfUser{"descendants.roots_of_user", SEGUE_ROOTS
                                      "f.user_id = $2 and f.revoked_at >= $3 and f.family_id > $4 order by f.family_id limit $5"};
#undef SEGUE_ROOTS
constexpr sql::Statement kFamiliesOfGrant{"descendants.families_of_grant", R"sql(
    select family_id, client_id from refresh_token_families where tenant_id = $1 and grant_id = $2 order by family_id)sql"};
constexpr sql::Statement kMarkSessions{"descendants.mark_sessions", R"sql(
    update sessions set revoked_at = $5, revocation_cascades = true
     where tenant_id = $1 and parent_family_id = $2 and session_id >= $3 and session_id <= $4 and revoked_at is null)sql"};
constexpr sql::Statement kMarkFamily{"descendants.mark_family", R"sql(
    update refresh_token_families set revoked_at = $4, revocation_cascades = $3
     where tenant_id = $1 and family_id = $2 and revoked_at is null)sql"};

EndedSession read_session(const sql::Row& row) {
  return {row.row_id(0), row.string(1), row.string(2), row.string(3), document_of(row.text(4))};
}
Family read_family(const sql::Row& row) { return {row.row_id(0), row.string(1)}; }

}  // namespace

std::optional<EndedSession> find_session(const Reader& r, base::RowId session_id) {
  return r.connection.maybe_one(kFindSession, {r.tenant, session_id}, read_session);
}

std::vector<EndedSession> list_sessions_of_family(const Reader& r, base::RowId family_id, base::RowId after, std::int64_t most) {
  return r.connection.list(kSessionsOfFamily, {r.tenant, family_id, after, most}, read_session);
}

std::vector<EndedSession> list_sessions_of_user(const Reader& r, std::string_view user_id, base::Instant revoked_at,
                                                base::RowId after, std::int64_t most) {
  return r.connection.list(kSessionsOfUser, {r.tenant, user_id, revoked_at, after, most}, read_session);
}

std::vector<base::RowId> list_replaced(const Reader& r, base::RowId session_id) {
  return r.connection.list(kReplaced, {r.tenant, session_id}, [](const sql::Row& row) { return row.row_id(0); });
}

std::vector<Family> list_families_of_session(const Reader& r, base::RowId session_id) {
  return r.connection.list(kFamiliesOfSession, {r.tenant, session_id}, read_family);
}

std::vector<Family> list_roots_of_session(const Reader& r, base::RowId session_id) {
  return r.connection.list(kRootsOfSession, {r.tenant, session_id}, read_family);
}

std::vector<Family> list_families_of_grant(const Reader& r, base::RowId grant_id) {
  return r.connection.list(kFamiliesOfGrant, {r.tenant, grant_id}, read_family);
}

std::vector<Family> list_families_of_family(const Reader& r, base::RowId family_id, base::RowId after, std::int64_t most) {
  return r.connection.list(kFamiliesOfFamily, {r.tenant, family_id, after, most}, read_family);
}

std::vector<Family> list_roots_of_user(const Reader& r, std::string_view user_id, base::Instant revoked_at, base::RowId after,
                                       std::int64_t most) {
  return r.connection.list(kRootsOfUser, {r.tenant, user_id, revoked_at, after, most}, read_family);
}

void mark_sessions_of_family(const Writer& w, base::RowId family_id, base::RowId first, base::RowId last, base::Instant now) {
  w.connection.execute(kMarkSessions, {w.tenant, family_id, first, last, now});
}

void mark_family(const Writer& w, base::RowId family_id, bool cascades, base::Instant now) {
  w.connection.execute(kMarkFamily, {w.tenant, family_id, cascades, now});
}

}  // namespace segue::store::descendants
