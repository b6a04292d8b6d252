#include "store/session_graph_revocation.h"

#include "store/revocations.h"

namespace segue::store::session_graph {
namespace {

// Keeps the time of an earlier revocation; $3 is the time. Nothing is written twice.
#define SEGUE_END(table, condition)                                                                                            \
  "update " table " set revoked_at = coalesce(revoked_at, $3), revocation_cascades = true where tenant_id = $1 and " condition \
  " and (revoked_at is null or not revocation_cascades)"
#define SEGUE_FAMILY_ID " returning family_id"
#define SEGUE_OPENED_BY "parent_family_id = $2 and transfer_id = $4"

constexpr sql::Statement kEndFamiliesOfGrant{"session_graph.end_families_of_grant",
                                             SEGUE_END("refresh_token_families", "grant_id = $2") SEGUE_FAMILY_ID};
constexpr sql::Statement kEndSession{"session_graph.end_session", SEGUE_END("sessions", "session_id = $2")};
constexpr sql::Statement kEndGrantsIn{
    "session_graph.end_grants_in",
    SEGUE_END("grants", "grant_id in (select grant_id from refresh_token_families where tenant_id = $1 and session_id = $2)")};
constexpr sql::Statement kEndFamiliesIn{"session_graph.end_families_in",
                                        SEGUE_END("refresh_token_families", "session_id = $2") SEGUE_FAMILY_ID};
constexpr sql::Statement kEndGrant{"session_graph.end_grant", SEGUE_END("grants", "grant_id = $2")};
constexpr sql::Statement kEndFamily{"session_graph.end_family",
                                    SEGUE_END("refresh_token_families", "family_id = $2") SEGUE_FAMILY_ID};
constexpr sql::Statement kEndTransfer{"session_graph.end_transfer", R"sql(
    update session_transfer_tokens set state = 'revoked'
     where tenant_id = $1 and session_transfer_token_id = $2 and state <> 'revoked')sql"};
constexpr sql::Statement kEndSessionsOf{"session_graph.end_sessions_of_transfer",
                                        SEGUE_END("sessions", SEGUE_OPENED_BY) " returning session_id"};
constexpr sql::Statement kEndGrantsOf{
    "session_graph.end_grants_of_transfer",
    SEGUE_END("grants",
              "grant_id in (select grant_id from refresh_token_families where tenant_id = $1 and " SEGUE_OPENED_BY ")")};
constexpr sql::Statement kEndFamiliesOf{"session_graph.end_families_of_transfer",
                                        SEGUE_END("refresh_token_families", SEGUE_OPENED_BY)};
// Also those that a later transfer brought into the session.
constexpr sql::Statement kEndFamiliesInSessionsOf{
    "session_graph.end_families_in_sessions_of_transfer",
    SEGUE_END("refresh_token_families",
              "session_id in (select session_id from sessions where tenant_id = $1 and " SEGUE_OPENED_BY ")")};

// What hangs below what was just marked falls beside the requests, and relying parties are told (store/revocations.h).
void leave_work(const Writer& w, const std::vector<base::RowId>& families, base::Instant now) {
  for (const auto family_id : families) revocations::insert_family(w, family_id, revocations::kSessionRevoked, now);
}

base::RowId read_id(const sql::Row& row) { return row.row_id(0); }

}  // namespace

void end_session(const Writer& w, base::RowId session_id, base::Instant now) {
  if (w.connection.execute(kEndSession, {w.tenant, session_id, now}) > 0)
    revocations::insert_session(w, session_id, revocations::kSessionRevoked, now);
  w.connection.execute(kEndGrantsIn, {w.tenant, session_id, now});
  leave_work(w, w.connection.list(kEndFamiliesIn, {w.tenant, session_id, now}, read_id), now);
}

void end_grant(const Writer& w, base::RowId grant_id, base::Instant now) {
  w.connection.execute(kEndGrant, {w.tenant, grant_id, now});
  leave_work(w, w.connection.list(kEndFamiliesOfGrant, {w.tenant, grant_id, now}, read_id), now);
}

void end_family(const Writer& w, base::RowId family_id, base::Instant now) {
  leave_work(w, w.connection.list(kEndFamily, {w.tenant, family_id, now}, read_id), now);
}

void end_transfer(const Writer& w, const Handoff& h, base::Instant now) {
  w.connection.execute(kEndTransfer, {w.tenant, h.session_transfer_token_id});
  for (const auto session_id : w.connection.list(kEndSessionsOf, {w.tenant, h.family_id, now, h.transfer_id}, read_id))
    revocations::insert_session(w, session_id, revocations::kSessionRevoked, now);
  w.connection.execute(kEndGrantsOf, {w.tenant, h.family_id, now, h.transfer_id});
  // What a transfer brought forth begins no other, so nothing hangs below these.
  w.connection.execute(kEndFamiliesOf, {w.tenant, h.family_id, now, h.transfer_id});
  w.connection.execute(kEndFamiliesInSessionsOf, {w.tenant, h.family_id, now, h.transfer_id});
}

}  // namespace segue::store::session_graph
