#include "store/sessions.h"

#include "store/ancestry_columns.h"
#include "store/document.h"

namespace segue::store::sessions {
namespace {

constexpr sql::Statement kInsert{"sessions.insert", R"sql(
    insert into sessions (tenant_id, session_id, secret_hash, sid, user_id, connection_id, organization_id, parent_family_id,
        parent_grant_id, transfer_id, opened_by_transfer, created_at, authenticated_at, last_interacted_at, idle_expires_at, expires_at,
        methods, initial_ip, initial_user_agent, last_ip, last_user_agent, persistent, password_epoch, revocation_cascades, metadata,
        initial_asn, last_asn)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $18, $19, $20, $21, false, '{}', $22, $22))sql"};
#define SEGUE_SESSION_COLUMNS                                                                                                \
  "session_id, secret_hash, sid, user_id, connection_id, organization_id, parent_family_id, parent_grant_id, "               \
  "transfer_id, "                                                                                                            \
  "opened_by_transfer, created_at, authenticated_at, last_interacted_at, idle_expires_at, expires_at, methods, initial_ip, " \
  "initial_user_agent, last_ip, last_user_agent, persistent, password_epoch, revoked_at, revocation_cascades, initial_asn, " \
  "last_asn "
#define SEGUE_SESSION "select " SEGUE_SESSION_COLUMNS "from sessions where tenant_id = $1 and session_id = $2"
constexpr sql::Statement kFind{"sessions.find", SEGUE_SESSION};
constexpr sql::Statement kLock{"sessions.lock", SEGUE_SESSION, SEGUE_SESSION " for update"};
#undef SEGUE_SESSION
// What sessions/live_session.cc asks of a session that is used, asked of many that are only shown. $2 is the time.
#define SEGUE_LIVE                                                                                                           \
  "from sessions where tenant_id = $1 and revoked_at is null and expires_at > $2 and idle_expires_at > $2 and exists "       \
  "(select 1 from users u where u.tenant_id = $1 and u.user_id = sessions.user_id and not u.blocked and u.password_epoch = " \
  "sessions.password_epoch) and not exists (select 1 from refresh_token_families f where f.tenant_id = $1 and f.family_id "  \
  "= sessions.parent_family_id and f.revoked_at is not null and f.revocation_cascades) and not exists (select 1 from "       \
  "grants g where g.tenant_id = $1 and g.grant_id = sessions.parent_grant_id and g.revoked_at is not null and "              \
  "g.revocation_cascades) "
constexpr sql::Statement kFindShown{"sessions.find_shown",
                                    "select " SEGUE_SESSION_COLUMNS ", metadata " SEGUE_LIVE "and sid = $3"};
constexpr sql::Statement kListShown{"sessions.list_shown", "select " SEGUE_SESSION_COLUMNS ", metadata " SEGUE_LIVE
                                                           "and user_id = $3 and sid > $4 order by sid limit $5"};
#undef SEGUE_LIVE
#undef SEGUE_SESSION_COLUMNS
constexpr sql::Statement kListClients{"session_clients.list", R"sql(
    select client_id from session_clients where tenant_id = $1 and session_id = $2 order by created_at, client_id)sql"};
constexpr sql::Statement kSetMetadata{"sessions.set_metadata", R"sql(
    update sessions set metadata = $3 where tenant_id = $1 and session_id = $2)sql"};
constexpr sql::Statement kMetadata{"sessions.metadata", "select metadata from sessions where tenant_id = $1 and session_id = $2"};
constexpr sql::Statement kSetPersistent{"sessions.set_persistent", R"sql(
    update sessions set persistent = $3 where tenant_id = $1 and session_id = $2)sql"};
constexpr sql::Statement kRevokeOfUser{"sessions.revoke_of_user", R"sql(
    update sessions set revoked_at = $3, revocation_cascades = true
     where tenant_id = $1 and user_id = $2 and revoked_at is null)sql"};
constexpr sql::Statement kTouch{"sessions.touch", R"sql(
    update sessions set last_interacted_at = $3, idle_expires_at = $4, last_ip = $5, last_user_agent = $6,
           expires_at = case when expires_at < $7 then expires_at else $7 end, last_asn = $8
     where tenant_id = $1 and session_id = $2)sql"};
constexpr sql::Statement kSetMethods{"sessions.set_methods", R"sql(
    update sessions set methods = $3 where tenant_id = $1 and session_id = $2)sql"};
constexpr sql::Statement kReplaceSecret{"sessions.replace_secret", R"sql(
    update sessions set secret_hash = $3 where tenant_id = $1 and session_id = $2)sql"};
constexpr sql::Statement kRevoke{"sessions.revoke", R"sql(
    update sessions set revoked_at = $3, revocation_cascades = true
     where tenant_id = $1 and session_id = $2 and revoked_at is null)sql"};
constexpr sql::Statement kReplace{"sessions.replace", R"sql(
    update sessions set revoked_at = $4, revocation_cascades = true, replaced_by = $3
     where tenant_id = $1 and session_id = $2 and revoked_at is null)sql"};

Found read_found(const sql::Row& row) {
  Found out;
  auto& s = out.session;
  s.session_id = row.row_id(0);
  out.secret_hash = row.digest(1);
  s.sid = row.string(2);
  s.user_id = row.string(3);
  s.connection_id = row.string(4);
  s.organization_id = row.string(5);
  s.ancestry = read_ancestry(row, 6);
  s.opened_by_transfer = row.boolean(9);
  s.created_at = row.instant(10);
  s.authenticated_at = row.instant(11);
  s.last_interacted_at = row.instant(12);
  s.idle_expires_at = row.instant(13);
  s.expires_at = row.instant(14);
  s.methods = model::authentication_methods_from(row.text(15));
  s.initial.ip = row.string(16);
  s.initial.user_agent = row.string(17);
  s.last.ip = row.string(18);
  s.last.user_agent = row.string(19);
  s.persistent = row.boolean(20);
  s.password_epoch = row.instant(21);
  s.revoked_at = row.maybe_instant(22);
  s.revocation_cascades = row.boolean(23);
  s.initial.asn = row.maybe_integer(24);
  s.last.asn = row.maybe_integer(25);
  return out;
}

Shown read_shown(const sql::Row& row) { return {read_found(row).session, document_of(row.text(26))}; }

}  // namespace

void insert(const Writer& w, const model::Session& s, const model::Digest& secret_hash) {
  w.connection.execute(kInsert, {w.tenant,
                                 s.session_id,
                                 secret_hash,
                                 s.sid,
                                 s.user_id,
                                 s.connection_id,
                                 s.organization_id,
                                 maybe_id(s.ancestry.parent_family_id),
                                 maybe_id(s.ancestry.parent_grant_id),
                                 s.ancestry.transfer_id,
                                 s.opened_by_transfer,
                                 s.created_at,
                                 s.authenticated_at,
                                 s.last_interacted_at,
                                 s.idle_expires_at,
                                 s.expires_at,
                                 model::to_text(s.methods),
                                 s.initial.ip,
                                 s.initial.user_agent,
                                 s.persistent,
                                 s.password_epoch,
                                 s.initial.asn});
}

std::optional<Found> find(const Reader& r, base::RowId session_id) {
  return r.connection.maybe_one(kFind, {r.tenant, session_id}, read_found);
}

std::optional<Found> lock(const Writer& w, base::RowId session_id) {
  return w.connection.maybe_one(kLock, {w.tenant, session_id}, read_found);
}

std::optional<Shown> find_shown(const Reader& r, std::string_view sid, base::Instant now) {
  return r.connection.maybe_one(kFindShown, {r.tenant, now, sid}, read_shown);
}

std::vector<Shown> list_shown(const Reader& r, std::string_view user_id, base::Instant now, const Keyset& keyset) {
  return r.connection.list(kListShown, {r.tenant, now, user_id, keyset.after, keyset.take}, read_shown);
}

std::vector<std::string> list_clients(const Reader& r, base::RowId session_id) {
  return r.connection.list(kListClients, {r.tenant, session_id}, [](const sql::Row& row) { return row.string(0); });
}

void set_metadata(const Writer& w, base::RowId session_id, const json::object& metadata) {
  w.connection.execute(kSetMetadata, {w.tenant, session_id, json::write(metadata)});
}

json::object metadata(const Reader& r, base::RowId session_id) {
  return r.connection.maybe_one(kMetadata, {r.tenant, session_id}, [](const sql::Row& row) { return document_of(row.text(0)); })
      .value_or(json::object{});
}

void set_persistent(const Writer& w, base::RowId session_id, bool persistent) {
  w.connection.execute(kSetPersistent, {w.tenant, session_id, persistent});
}

void touch(const Writer& w, const model::Session& s) {
  w.connection.execute(kTouch, {w.tenant, s.session_id, s.last_interacted_at, s.idle_expires_at, s.last.ip, s.last.user_agent,
                                s.expires_at, s.last.asn});
}

void set_methods(const Writer& w, base::RowId session_id, const std::vector<model::AuthenticationMethod>& methods) {
  w.connection.execute(kSetMethods, {w.tenant, session_id, model::to_text(methods)});
}

void replace_secret(const Writer& w, base::RowId session_id, const model::Digest& secret_hash) {
  w.connection.execute(kReplaceSecret, {w.tenant, session_id, secret_hash});
}

bool revoke(const Writer& w, base::RowId session_id, base::Instant now, std::string_view initiator) {
  if (w.connection.execute(kRevoke, {w.tenant, session_id, now}) == 0) return false;
  revocations::insert_session(w, session_id, initiator, now);
  return true;
}

void replace(const Writer& w, base::RowId session_id, base::RowId successor_id, base::Instant now) {
  w.connection.execute(kReplace, {w.tenant, session_id, successor_id, now});
}

std::int64_t revoke_of_user(const Writer& w, std::string_view user_id, base::Instant now) {
  const auto revoked = w.connection.execute(kRevokeOfUser, {w.tenant, user_id, now});
  if (revoked > 0) revocations::insert_user(w, user_id, revocations::kSessionRevoked, now);
  return revoked;
}

}  // namespace segue::store::sessions
