#include "store/session_clients.h"

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

}  // namespace segue::store::session_clients
