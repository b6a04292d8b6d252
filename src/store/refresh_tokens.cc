#include "store/refresh_tokens.h"

#include <algorithm>

#include "store/ancestry_columns.h"
#include "store/document.h"
#include "store/one_time_state.h"
#include "store/revocations.h"

namespace segue::store::refresh_tokens {
namespace {

constexpr sql::Statement kInsertFamily{"refresh_token_families.insert", R"sql(
    insert into refresh_token_families (tenant_id, family_id, public_id, grant_id, user_id, client_id, connection_id, organization_id,
        audience, scope, session_id, ends_with_session, parent_family_id, parent_grant_id, transfer_id, auth_time, methods,
        initial_ip, initial_user_agent, last_ip, last_user_agent, rotating, token_counter, created_at, last_exchanged_at,
        expires_at, idle_expires_at, password_epoch, revocation_cascades, metadata, dpop_jkt, online,
        initial_asn, last_asn)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $18, $19, $20, $21, $22, $22,
            $23, $24, $25, false, '{}', $26, $27, $28, $28))sql"};
constexpr sql::Statement kInsert{"refresh_tokens.insert", R"sql(
    insert into refresh_tokens (tenant_id, refresh_token_id, family_id, secret_hash, counter, state, created_at)
    values ($1, $2, $3, $4, $5, 'issued', $6))sql"};
constexpr sql::Statement kFind{"refresh_tokens.find", R"sql(
    select refresh_token_id, family_id, secret_hash, counter, state, created_at, consumed_at, successor_id
      from refresh_tokens where tenant_id = $1 and refresh_token_id = $2)sql"};
#define SEGUE_FAMILY_COLUMNS                                                                                                \
  "family_id, public_id, grant_id, user_id, client_id, connection_id, organization_id, audience, scope, session_id, "       \
  "ends_with_session, parent_family_id, parent_grant_id, transfer_id, auth_time, methods, initial_ip, initial_user_agent, " \
  "last_ip, last_user_agent, rotating, token_counter, created_at, last_exchanged_at, expires_at, idle_expires_at, "         \
  "revoked_at, revocation_cascades, password_epoch, dpop_jkt, online, initial_asn, last_asn "
#define SEGUE_FAMILY "select " SEGUE_FAMILY_COLUMNS "from refresh_token_families where tenant_id = $1 and family_id = $2"
constexpr sql::Statement kFindFamily{"refresh_token_families.find", SEGUE_FAMILY};
constexpr sql::Statement kLockFamily{"refresh_token_families.lock", SEGUE_FAMILY, SEGUE_FAMILY " for update"};
#undef SEGUE_FAMILY
// What an exchange asks (oauth/grants/refresh_exchange.cc), but for the block of a user, which ends: families that are only
// shown. Those of online refresh tokens are not (contract §4.7). $2 is the time.
#define SEGUE_LIVE                                                                                                            \
  "from refresh_token_families as f where tenant_id = $1 and revoked_at is null and not online and (expires_at is null or "   \
  "expires_at > $2) "                                                                                                         \
  "and (idle_expires_at is null or idle_expires_at > $2) and exists (select 1 from grants g where g.tenant_id = $1 and "      \
  "g.grant_id = f.grant_id and g.revoked_at is null) and exists (select 1 from users u where u.tenant_id = $1 and u.user_id " \
  "= f.user_id) and not exists (select 1 from refresh_token_families p where p.tenant_id = $1 and p.family_id = "             \
  "f.parent_family_id and p.revoked_at is not null and p.revocation_cascades) and not exists (select 1 from grants p where "  \
  "p.tenant_id = $1 and p.grant_id = f.parent_grant_id and p.revoked_at is not null and p.revocation_cascades) and (not "     \
  "f.ends_with_session or exists (select 1 from sessions s where s.tenant_id = $1 and s.session_id = f.session_id and "       \
  "s.revoked_at is null and s.expires_at > $2 and s.idle_expires_at > $2)) "
constexpr sql::Statement kFindShown{"refresh_token_families.find_shown",
                                    "select " SEGUE_FAMILY_COLUMNS ", metadata " SEGUE_LIVE "and public_id = $3"};
constexpr sql::Statement kListShown{
    "refresh_token_families.list_shown",
    "select " SEGUE_FAMILY_COLUMNS ", metadata " SEGUE_LIVE
    "and user_id = $3 and ($4 = '' or client_id = $4) and public_id > $5 order by public_id limit $6"};
// A user is found by an index, so there is a text with one and a text without.
#define SEGUE_FILTER "and ($4 = '' or client_id = $4) and ($5 = '' or ($5 = 'rotating') = rotating) "
#define SEGUE_OF_USER "and user_id = $3 " SEGUE_FILTER
#define SEGUE_OF_ALL "and $3 = '' " SEGUE_FILTER
#define SEGUE_PAGE "order by public_id limit $6 offset $7"
constexpr sql::Statement kPageOfUser{"refresh_token_families.page_of_user",
                                     "select " SEGUE_FAMILY_COLUMNS ", metadata " SEGUE_LIVE SEGUE_OF_USER SEGUE_PAGE};
constexpr sql::Statement kPageOfAll{"refresh_token_families.page_of_all",
                                    "select " SEGUE_FAMILY_COLUMNS ", metadata " SEGUE_LIVE SEGUE_OF_ALL SEGUE_PAGE};
constexpr sql::Statement kCountOfUser{"refresh_token_families.count_of_user", "select count(*) " SEGUE_LIVE SEGUE_OF_USER};
constexpr sql::Statement kCountOfAll{"refresh_token_families.count_of_all", "select count(*) " SEGUE_LIVE SEGUE_OF_ALL};
#undef SEGUE_PAGE
#undef SEGUE_OF_ALL
#undef SEGUE_OF_USER
#undef SEGUE_FILTER
#undef SEGUE_LIVE
#undef SEGUE_FAMILY_COLUMNS
constexpr sql::Statement kNamesOnline{"refresh_token_families.names_online", R"sql(
    select 1 from refresh_token_families where tenant_id = $1 and public_id = $2 and online)sql"};
constexpr sql::Statement kMetadata{"refresh_token_families.metadata",
                                   "select metadata from refresh_token_families where tenant_id = $1 and family_id = $2"};
constexpr sql::Statement kSetMetadata{"refresh_token_families.set_metadata", R"sql(
    update refresh_token_families set metadata = $3 where tenant_id = $1 and family_id = $2)sql"};
#define SEGUE_STANDING                                                                                               \
  "select revoked_at, revocation_cascades, expires_at, idle_expires_at, password_epoch from refresh_token_families " \
  "where tenant_id = $1 and family_id = $2"
constexpr sql::Statement kLockStanding{"refresh_token_families.lock_standing", SEGUE_STANDING, SEGUE_STANDING " for share"};
#undef SEGUE_STANDING
constexpr sql::Statement kConsume{"refresh_tokens.consume", R"sql(
    update refresh_tokens set state = 'consumed', consumed_at = $4, successor_id = $5
     where tenant_id = $1 and refresh_token_id = $2 and secret_hash = $3 and state = 'issued')sql"};
constexpr sql::Statement kIsUnused{"refresh_tokens.is_unused", R"sql(
    select 1 from refresh_tokens where tenant_id = $1 and refresh_token_id = $2 and state = 'issued')sql"};
constexpr sql::Statement kRecordExchange{"refresh_token_families.record_exchange", R"sql(
    update refresh_token_families set token_counter = $3, last_exchanged_at = $4, expires_at = $5, idle_expires_at = $6,
           last_ip = $7, last_user_agent = $8, rotating = $9, last_asn = $10
     where tenant_id = $1 and family_id = $2)sql"};
constexpr sql::Statement kRevokeFamily{"refresh_token_families.revoke", R"sql(
    update refresh_token_families set revoked_at = $3, revocation_cascades = $4
     where tenant_id = $1 and family_id = $2 and revoked_at is null)sql"};
constexpr sql::Statement kRevokeFamiliesOf{"refresh_token_families.revoke_of", R"sql(
    update refresh_token_families set revoked_at = $5, revocation_cascades = $6
     where tenant_id = $1 and user_id = $2 and client_id = $3 and audience = $4 and revoked_at is null)sql"};
constexpr sql::Statement kRevokeFamiliesAt{"refresh_token_families.revoke_at", R"sql(
    update refresh_token_families set revoked_at = $4, revocation_cascades = $5
     where tenant_id = $1 and user_id = $2 and client_id = $3 and revoked_at is null)sql"};
constexpr sql::Statement kRevokeFamiliesIn{"refresh_token_families.revoke_in", R"sql(
    update refresh_token_families set revoked_at = $5, revocation_cascades = $6
     where tenant_id = $1 and user_id = $2 and client_id = $3 and session_id = $4 and revoked_at is null)sql"};
constexpr sql::Statement kBeyond{"refresh_token_families.beyond", R"sql(
    select family_id from refresh_token_families as f where tenant_id = $1 and user_id = $2 and client_id = $3 and revoked_at is null
       and (expires_at is null or expires_at > $5) and (idle_expires_at is null or idle_expires_at > $5)
       and (not ends_with_session or exists (select 1 from sessions s where s.tenant_id = $1 and s.session_id = f.session_id
            and s.revoked_at is null and s.expires_at > $5 and s.idle_expires_at > $5))
     order by family_id desc limit 100 offset $4)sql"};
#define SEGUE_NON_ROTATING                                                                                              \
  "select family_id from refresh_token_families where tenant_id = $1 and user_id = $2 and client_id = $3 and audience " \
  "= $4 and not rotating and revoked_at is null order by family_id"
constexpr sql::Statement kLockNonRotating{"refresh_token_families.lock_non_rotating", SEGUE_NON_ROTATING,
                                          SEGUE_NON_ROTATING " for update"};
#undef SEGUE_NON_ROTATING
constexpr sql::Statement kRevokeNonRotating{"refresh_token_families.revoke_non_rotating", R"sql(
    update refresh_token_families set revoked_at = $6, revocation_cascades = $7
     where tenant_id = $1 and user_id = $2 and client_id = $3 and audience = $4 and family_id <> $5 and not rotating
       and revoked_at is null)sql"};
constexpr sql::Statement kClientsOfUser{"refresh_token_families.clients_of_user", R"sql(
    select distinct client_id from refresh_token_families where tenant_id = $1 and user_id = $2 and revoked_at is null
     order by client_id)sql"};
constexpr sql::Statement kFamiliesOfGrant{"refresh_token_families.of_grant", R"sql(
    select f.family_id from refresh_token_families f join grants g on g.tenant_id = f.tenant_id and g.user_id = f.user_id
       and g.client_id = f.client_id and g.grant_id = f.grant_id
     where g.tenant_id = $1 and g.grant_id = $2 and f.revoked_at is null)sql"};

model::RefreshTokenFamily read_family(const sql::Row& row) {
  model::RefreshTokenFamily out;
  out.family_id = row.row_id(0);
  out.public_id = row.string(1);
  out.grant_id = row.row_id(2);
  out.user_id = row.string(3);
  out.client_id = row.string(4);
  out.connection_id = row.string(5);
  out.organization_id = row.string(6);
  out.audience = row.string(7);
  out.scope = row.string(8);
  out.session_id = row.maybe_row_id(9);
  out.ends_with_session = row.boolean(10);
  out.ancestry = read_ancestry(row, 11);
  out.auth_time = row.instant(14);
  out.methods = model::authentication_methods_from(row.text(15));
  out.initial_ip = row.string(16);
  out.initial_user_agent = row.string(17);
  out.last_ip = row.string(18);
  out.last_user_agent = row.string(19);
  out.rotating = row.boolean(20);
  out.token_counter = row.integer(21);
  out.created_at = row.instant(22);
  out.last_exchanged_at = row.instant(23);
  out.expires_at = row.maybe_instant(24);
  out.idle_expires_at = row.maybe_instant(25);
  out.revoked_at = row.maybe_instant(26);
  out.revocation_cascades = row.boolean(27);
  out.password_epoch = row.instant(28);
  out.dpop_jkt = row.string(29);
  out.online = row.boolean(30);
  out.initial_asn = row.maybe_integer(31);
  out.last_asn = row.maybe_integer(32);
  return out;
}

Shown read_shown(const sql::Row& row) { return {read_family(row), document_of(row.text(33))}; }

// What grew from them falls beside the requests (store/revocations.h).
void leave_work(const Writer& w, std::string_view user_id, std::int64_t revoked, bool cascades, base::Instant now) {
  if (revoked > 0 && cascades) revocations::insert_user(w, user_id, revocations::kSessionRevoked, now);
}

std::string_view text_of(const std::optional<bool>& rotating) {
  if (!rotating) return "";
  return *rotating ? "rotating" : "non-rotating";
}

}  // namespace

void insert_family(const Writer& w, const model::RefreshTokenFamily& f) {
  w.connection.execute(kInsertFamily, {w.tenant,
                                       f.family_id,
                                       f.public_id,
                                       f.grant_id,
                                       f.user_id,
                                       f.client_id,
                                       f.connection_id,
                                       f.organization_id,
                                       f.audience,
                                       f.scope,
                                       f.session_id,
                                       f.ends_with_session,
                                       maybe_id(f.ancestry.parent_family_id),
                                       maybe_id(f.ancestry.parent_grant_id),
                                       f.ancestry.transfer_id,
                                       f.auth_time,
                                       model::to_text(f.methods),
                                       f.initial_ip,
                                       f.initial_user_agent,
                                       f.rotating,
                                       f.token_counter,
                                       f.created_at,
                                       f.expires_at,
                                       f.idle_expires_at,
                                       f.password_epoch,
                                       f.dpop_jkt,
                                       f.online,
                                       f.initial_asn});
}

void insert(const Writer& w, const model::RefreshToken& token, const model::Digest& secret_hash) {
  w.connection.execute(kInsert,
                       {w.tenant, token.refresh_token_id, token.family_id, secret_hash, token.counter, token.created_at});
}

std::optional<Found> find(const Reader& r, base::RowId refresh_token_id) {
  return r.connection.maybe_one(kFind, {r.tenant, refresh_token_id}, [](const sql::Row& row) {
    Found out;
    out.token.refresh_token_id = row.row_id(0);
    out.token.family_id = row.row_id(1);
    out.secret_hash = row.digest(2);
    out.token.counter = row.integer(3);
    out.token.state = one_time_state_from(row.text(4));
    out.token.created_at = row.instant(5);
    out.token.consumed_at = row.maybe_instant(6);
    out.token.successor_id = row.maybe_row_id(7);
    return out;
  });
}

std::optional<model::RefreshTokenFamily> find_family(const Reader& r, base::RowId family_id) {
  return r.connection.maybe_one(kFindFamily, {r.tenant, family_id}, read_family);
}

std::optional<model::RefreshTokenFamily> lock_family(const Writer& w, base::RowId family_id) {
  return w.connection.maybe_one(kLockFamily, {w.tenant, family_id}, read_family);
}

std::optional<Standing> lock_standing(const Writer& w, base::RowId family_id, base::Instant now) {
  return w.connection.maybe_one(kLockStanding, {w.tenant, family_id}, [&](const sql::Row& row) {
    const auto over = [&](int column) { return !row.null(column) && row.instant(column) <= now; };
    return Standing{!row.null(0), row.boolean(1), over(2) || over(3), row.maybe_instant(2), row.instant(4)};
  });
}

bool consume(const Writer& w, base::RowId refresh_token_id, const model::Digest& secret_hash, base::RowId successor_id,
             base::Instant now) {
  return w.connection.execute(kConsume, {w.tenant, refresh_token_id, secret_hash, now, successor_id}) == 1;
}

bool is_unused(const Reader& r, base::RowId refresh_token_id) {
  return r.connection.maybe_one(kIsUnused, {r.tenant, refresh_token_id}, [](const sql::Row&) { return true; }).has_value();
}

void record_exchange(const Writer& w, base::RowId family_id, const Exchange& e, base::Instant now) {
  w.connection.execute(kRecordExchange, {w.tenant, family_id, e.token_counter, now, e.expires_at, e.idle_expires_at, e.ip,
                                         e.user_agent, e.rotating, e.asn});
}

bool revoke_family(const Writer& w, base::RowId family_id, bool cascades, base::Instant now) {
  if (w.connection.execute(kRevokeFamily, {w.tenant, family_id, now, cascades}) == 0) return false;
  if (cascades) revocations::insert_family(w, family_id, revocations::kSessionRevoked, now);
  return true;
}

void revoke_families_of(const Writer& w, std::string_view user_id, std::string_view client_id, std::string_view audience,
                        bool cascades, base::Instant now) {
  const auto revoked = w.connection.execute(kRevokeFamiliesOf, {w.tenant, user_id, client_id, audience, now, cascades});
  leave_work(w, user_id, revoked, cascades, now);
}

void revoke_families_at(const Writer& w, std::string_view user_id, std::string_view client_id, bool cascades, base::Instant now) {
  const auto revoked = w.connection.execute(kRevokeFamiliesAt, {w.tenant, user_id, client_id, now, cascades});
  leave_work(w, user_id, revoked, cascades, now);
}

void revoke_families_in(const Writer& w, std::string_view user_id, std::string_view client_id, base::RowId session_id,
                        bool cascades, base::Instant now) {
  const auto revoked = w.connection.execute(kRevokeFamiliesIn, {w.tenant, user_id, client_id, session_id, now, cascades});
  leave_work(w, user_id, revoked, cascades, now);
}

std::vector<base::RowId> list_beyond(const Reader& r, std::string_view user_id, std::string_view client_id, std::int64_t kept,
                                     base::Instant now) {
  auto out =
      r.connection.list(kBeyond, {r.tenant, user_id, client_id, kept, now}, [](const sql::Row& row) { return row.row_id(0); });
  std::reverse(out.begin(), out.end());
  return out;
}

void lock_non_rotating(const Writer& w, std::string_view user_id, std::string_view client_id, std::string_view audience) {
  w.connection.list(kLockNonRotating, {w.tenant, user_id, client_id, audience},
                    [](const sql::Row& row) { return row.row_id(0); });
}

std::int64_t revoke_non_rotating(const Writer& w, const model::RefreshTokenFamily& but_for, bool cascades, base::Instant now) {
  const auto revoked = w.connection.execute(
      kRevokeNonRotating, {w.tenant, but_for.user_id, but_for.client_id, but_for.audience, but_for.family_id, now, cascades});
  leave_work(w, but_for.user_id, revoked, cascades, now);
  return revoked;
}

std::vector<std::string> list_clients_of_user(const Reader& r, std::string_view user_id) {
  return r.connection.list(kClientsOfUser, {r.tenant, user_id}, [](const sql::Row& row) { return row.string(0); });
}

std::optional<Shown> find_shown(const Reader& r, std::string_view public_id, base::Instant now) {
  return r.connection.maybe_one(kFindShown, {r.tenant, now, public_id}, read_shown);
}

std::vector<Shown> list_shown(const Reader& r, std::string_view user_id, std::string_view client_id, base::Instant now,
                              const Keyset& keyset) {
  return r.connection.list(kListShown, {r.tenant, now, user_id, client_id, keyset.after, keyset.take}, read_shown);
}

std::vector<Shown> list_page(const Reader& r, const Filter& filter, base::Instant now, const Offset& offset) {
  return r.connection.list(filter.user_id.empty() ? kPageOfAll : kPageOfUser,
                           {r.tenant, now, filter.user_id, filter.client_id, text_of(filter.rotating), offset.per_page,
                            std::int64_t{offset.page} * offset.per_page},
                           read_shown);
}

std::int64_t count(const Reader& r, const Filter& filter, base::Instant now) {
  return r.connection
      .maybe_one(filter.user_id.empty() ? kCountOfAll : kCountOfUser,
                 {r.tenant, now, filter.user_id, filter.client_id, text_of(filter.rotating)},
                 [](const sql::Row& row) { return row.integer(0); })
      .value_or(0);
}

bool names_online(const Reader& r, std::string_view public_id) {
  return r.connection.maybe_one(kNamesOnline, {r.tenant, public_id}, [](const sql::Row&) { return true; }).has_value();
}

void set_metadata(const Writer& w, base::RowId family_id, const json::object& metadata) {
  w.connection.execute(kSetMetadata, {w.tenant, family_id, json::write(metadata)});
}

json::object metadata(const Reader& r, base::RowId family_id) {
  return r.connection.maybe_one(kMetadata, {r.tenant, family_id}, [](const sql::Row& row) { return document_of(row.text(0)); })
      .value_or(json::object{});
}

std::vector<base::RowId> list_families_of_grant(const Reader& r, base::RowId grant_id) {
  return r.connection.list(kFamiliesOfGrant, {r.tenant, grant_id}, [](const sql::Row& row) { return row.row_id(0); });
}

}  // namespace segue::store::refresh_tokens
