#include "store/session_clients.h"

#include <algorithm>

namespace segue::store::session_clients {
namespace {

// A client that is there already writes nothing, unless it has begun to ask for expiry.
constexpr sql::Statement kRecord{"session_clients.record", R"sql(
    insert into session_clients as seen (tenant_id, session_id, client_id, transfer_id, created_at, domain, look_at)
    values ($1, $2, $3, $4, $5, $6, $7)
    on conflict (tenant_id, session_id, client_id) do update set look_at = excluded.look_at
     where seen.look_at is null and excluded.look_at is not null)sql"};
constexpr sql::Statement kListUntold{"session_clients.list_untold", R"sql(
    select client_id, transfer_id, domain from session_clients
     where tenant_id = $1 and session_id = $2 and logout_queued_at is null order by client_id)sql"};
constexpr sql::Statement kClaim{"session_clients.claim", R"sql(
    update session_clients set logout_queued_at = $4, look_at = null
     where tenant_id = $1 and session_id = $2 and client_id = $3 and logout_queued_at is null)sql"};
constexpr sql::Statement kListLooks{"session_clients.list_looks", R"sql(
    select c.session_id, c.client_id, s.expires_at, s.idle_expires_at, s.revoked_at
      from session_clients c join sessions s on s.tenant_id = c.tenant_id and s.session_id = c.session_id
     where c.tenant_id = $1 and c.look_at is not null and c.look_at <= $2 order by c.look_at limit $3)sql"};
constexpr sql::Statement kSetLook{"session_clients.set_look", R"sql(
    update session_clients set look_at = $4 where tenant_id = $1 and session_id = $2 and client_id = $3)sql"};

#define SEGUE_PARTICIPANT "client_id, protocol, name_id, name_id_format, session_index, consumer_url"
constexpr sql::Statement kName{"session_clients.name", R"sql(
    update session_clients set protocol = $4, name_id = $5, name_id_format = $6, session_index = $7, consumer_url = $8
     where tenant_id = $1 and session_id = $2 and client_id = $3)sql"};
constexpr sql::Statement kFindParticipant{
    "session_clients.find_participant",
    "select " SEGUE_PARTICIPANT
    " from session_clients where tenant_id = $1 and session_id = $2 and client_id = $3 and protocol <> ''"};
constexpr sql::Statement kFindSession{"session_clients.find_session", R"sql(
    select session_id from session_clients
     where tenant_id = $1 and session_index = $3 and session_index <> '' and client_id = $2)sql"};
constexpr sql::Statement kHasParticipants{"session_clients.has_participants", R"sql(
    select 1 from session_clients where tenant_id = $1 and session_id = $2 and protocol <> '' limit 1)sql"};
constexpr sql::Statement kClaimParticipants{
    "session_clients.claim_participants",
    "update session_clients set led_at = $3 where tenant_id = $1 and session_id = $2 and protocol <> '' and led_at is null "
    "returning " SEGUE_PARTICIPANT};
#undef SEGUE_PARTICIPANT

model::SessionParticipant participant_of(const sql::Row& row) {
  return {.client_id = row.string(0),
          .protocol = row.string(1),
          .name_id = row.string(2),
          .name_id_format = row.string(3),
          .session_index = row.string(4),
          .consumer_url = row.string(5)};
}

}  // namespace

void record(const Writer& w, base::RowId session_id, std::string_view client_id, std::string_view transfer_id,
            const Hearing& hearing, base::Instant now) {
  w.connection.execute(kRecord, {w.tenant, session_id, client_id, transfer_id, now, hearing.domain, hearing.look_at});
}

std::vector<Untold> list_untold(const Reader& r, base::RowId session_id) {
  return r.connection.list(kListUntold, {r.tenant, session_id}, [](const sql::Row& row) {
    return Untold{row.string(0), row.string(1), row.string(2)};
  });
}

bool claim(const Writer& w, base::RowId session_id, std::string_view client_id, base::Instant now) {
  return w.connection.execute(kClaim, {w.tenant, session_id, client_id, now}) == 1;
}

std::vector<Look> list_looks(const Reader& r, base::Instant now, std::int64_t most) {
  return r.connection.list(kListLooks, {r.tenant, now, most}, [](const sql::Row& row) {
    return Look{row.row_id(0), row.string(1), row.instant(2), row.instant(3), !row.null(4)};
  });
}

void set_look(const Writer& w, base::RowId session_id, std::string_view client_id, std::optional<base::Instant> look_at) {
  w.connection.execute(kSetLook, {w.tenant, session_id, client_id, look_at});
}

bool name(const Writer& w, base::RowId session_id, const model::SessionParticipant& p) {
  return w.connection.execute(kName, {w.tenant, session_id, p.client_id, p.protocol, p.name_id, p.name_id_format, p.session_index,
                                      p.consumer_url}) == 1;
}

std::optional<model::SessionParticipant> find_participant(const Reader& r, base::RowId session_id, std::string_view client_id) {
  return r.connection.maybe_one(kFindParticipant, {r.tenant, session_id, client_id}, participant_of);
}

std::optional<base::RowId> find_session(const Reader& r, std::string_view client_id, std::string_view session_index) {
  return r.connection.maybe_one(kFindSession, {r.tenant, client_id, session_index},
                                [](const sql::Row& row) { return row.row_id(0); });
}

bool has_participants(const Reader& r, base::RowId session_id) {
  return r.connection.execute(kHasParticipants, {r.tenant, session_id}) > 0;
}

std::vector<model::SessionParticipant> claim_participants(const Writer& w, base::RowId session_id, base::Instant now) {
  auto out = w.connection.list(kClaimParticipants, {w.tenant, session_id, now}, participant_of);
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.client_id < b.client_id; });
  return out;
}

}  // namespace segue::store::session_clients
