#include "store/one_time_identifiers.h"

namespace segue::store::one_time_identifiers {
namespace {

// A row that has expired and was not swept yet counts as absent.
constexpr sql::Statement kClaim{"one_time_identifiers.claim", R"sql(
    insert into one_time_identifiers as seen (tenant_id, kind, identifier_hash, expires_at)
    values ($1, $2, $3, $4)
    on conflict (tenant_id, kind, identifier_hash) do update set expires_at = excluded.expires_at
     where seen.expires_at <= $5)sql"};
constexpr sql::Statement kHasExpired{"one_time_identifiers.has_expired", R"sql(
    select 1 from one_time_identifiers where tenant_id = $1 and expires_at <= $2 limit 1)sql"};
constexpr sql::Statement kSweep{"one_time_identifiers.sweep", R"sql(
    delete from one_time_identifiers where tenant_id = $1 and expires_at <= $2
       and (kind, identifier_hash) in (select kind, identifier_hash from one_time_identifiers
                                        where tenant_id = $1 and expires_at <= $2 limit $3))sql"};

}  // namespace

bool claim(const Writer& w, std::string_view kind, const model::Digest& identifier_hash, base::Instant expires_at,
           base::Instant now) {
  return w.connection.execute(kClaim, {w.tenant, kind, identifier_hash, expires_at, now}) == 1;
}

bool has_expired(const Reader& r, base::Instant now) {
  return r.connection.maybe_one(kHasExpired, {r.tenant, now}, [](const sql::Row&) { return true; }).has_value();
}

std::int64_t sweep(const Writer& w, base::Instant now, int most) { return w.connection.execute(kSweep, {w.tenant, now, most}); }

}  // namespace segue::store::one_time_identifiers
