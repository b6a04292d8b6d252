#include "store/ended_rows.h"

namespace segue::store::ended_rows {
namespace {

// $4: a day ago. A condition that is null is not met.
// It stays while a relying party waits to hear of its end (session_clients.look_at), and while the session that replaced it in
// its browser is there: its relying parties are told with that one's (store/session_clients.h, store/sessions.h).
#define SEGUE_SESSION_ENDED                                                                                                 \
  "((x.revoked_at <= $4 or x.expires_at <= $4 or x.idle_expires_at <= $4) and not exists (select 1 from session_clients c " \
  "where c.tenant_id = $1 and c.session_id = x.session_id and c.look_at is not null) and (x.replaced_by is null or not "    \
  "exists (select 1 from sessions n where n.tenant_id = $1 and n.session_id = x.replaced_by)))"
// By itself, or by what stands above it, as oauth/grants/refresh_exchange.cc asks. It stays while anything names it as its
// parent.
#define SEGUE_FAMILY_ENDED                                                                                                  \
  "((x.revoked_at <= $4 or x.expires_at <= $4 or x.idle_expires_at <= $4 or exists (select 1 from grants g where "          \
  "g.tenant_id = $1 and g.grant_id = x.grant_id and g.revoked_at <= $4) or (x.ends_with_session and not exists (select 1 "  \
  "from sessions s where s.tenant_id = $1 and s.session_id = x.session_id)) or exists (select 1 from "                      \
  "refresh_token_families p where p.tenant_id = $1 and p.family_id = x.parent_family_id and p.revoked_at <= $4 and "        \
  "p.revocation_cascades) or exists (select 1 from grants p where p.tenant_id = $1 and p.grant_id = x.parent_grant_id and " \
  "p.revoked_at <= $4 and p.revocation_cascades)) and not exists (select 1 from sessions c where c.tenant_id = $1 and "     \
  "c.parent_family_id = x.family_id) and not exists (select 1 from refresh_token_families c where c.tenant_id = $1 and "    \
  "c.parent_family_id = x.family_id))"
// The newest token of a family is as old as its last exchange; a spent one is known for as long as it could have been used
// unspent. 31536000000000: kSpentTokenRemembered.
#define SEGUE_TOKEN_ENDED                                                                                                    \
  "(not exists (select 1 from refresh_token_families f where f.tenant_id = $1 and f.family_id = x.family_id) or (x.state = " \
  "'consumed' and exists (select 1 from refresh_token_families f where f.tenant_id = $1 and f.family_id = x.family_id and "  \
  "x.consumed_at <= $4 - coalesce(f.idle_expires_at - f.last_exchanged_at, 31536000000000))))"
// It was made with its family, in one transaction, or never had one.
#define SEGUE_GRANT_ENDED                                                                                              \
  "(not exists (select 1 from refresh_token_families f where f.tenant_id = $1 and f.grant_id = x.grant_id) and $4 is " \
  "not null)"

#define SEGUE_LOOK(table, id, ended)                                                                                      \
  "select x." id ", " ended " from " table " x where x.tenant_id = $1 and x." id " > $2 and x." id " < $3 order by x." id \
  " limit $5"
#define SEGUE_SWEEP(table, id, ended)                                                                                      \
  "delete from " table " where tenant_id = $1 and " id " > $2 and " id " <= $3 and " id " in (select x." id " from " table \
  " x where x.tenant_id = $1 and x." id " > $2 and x." id " <= $3 and " ended ")"

struct Statements {
  std::string_view name;
  sql::Statement look, sweep;
};
#define SEGUE_TABLE(table, id, ended)                                                                                       \
  {                                                                                                                         \
    table, {table ".look_for_ended", SEGUE_LOOK(table, id, ended)}, { table ".sweep_ended", SEGUE_SWEEP(table, id, ended) } \
  }
constexpr std::array<Statements, kTables.size()> kStatements{{
    SEGUE_TABLE("sessions", "session_id", SEGUE_SESSION_ENDED),
    SEGUE_TABLE("refresh_token_families", "family_id", SEGUE_FAMILY_ENDED),
    SEGUE_TABLE("refresh_tokens", "refresh_token_id", SEGUE_TOKEN_ENDED),
    SEGUE_TABLE("grants", "grant_id", SEGUE_GRANT_ENDED),
}};
#undef SEGUE_TABLE
constexpr sql::Statement kSweepClients{"session_clients.sweep_ended", R"sql(
    delete from session_clients where tenant_id = $1 and session_id in (
      select x.session_id from sessions x where x.tenant_id = $1 and x.session_id > $2 and x.session_id <= $3 and )sql" SEGUE_SESSION_ENDED
                                                                      ")"};

const Statements& statements_of(Table table) { return kStatements.at(static_cast<std::size_t>(table)); }

}  // namespace

std::string_view to_text(Table table) { return statements_of(table).name; }

Page look(const Reader& r, Table table, base::RowId after, int most, base::Instant now) {
  Page out;
  const auto before = now - kRemembered;
  r.connection.run(statements_of(table).look,
                   std::array<sql::Param, 5>{r.tenant, after, base::IdGenerator::first_at(before), before, most},
                   [&](const sql::Row& row) {
                     out.last = row.row_id(0);
                     if (out.looked_at++ == 0) out.first = out.last;
                     if (row.boolean(1)) out.ended.push_back(out.last);
                   });
  return out;
}

std::int64_t sweep(const Writer& w, Table table, base::RowId after, base::RowId through, base::Instant now) {
  const auto before = now - kRemembered;
  if (table == Table::sessions) w.connection.execute(kSweepClients, {w.tenant, after, through, before});
  return w.connection.execute(statements_of(table).sweep, {w.tenant, after, through, before});
}

}  // namespace segue::store::ended_rows
