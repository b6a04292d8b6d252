#include "store/signing_keys.h"

#include "store/tenants.h"

namespace segue::store::signing_keys {
namespace {

constexpr sql::Statement kListUsable{"signing_keys.list_usable", R"sql(
    select kid, alg, state, wrapped_private_key, certificate, created_at, published_at, current_since, current_until, revoked_at
      from signing_keys where tenant_id = $1 and revoked_at is null order by created_at, kid)sql"};
constexpr sql::Statement kListAll{"signing_keys.list_all", R"sql(
    select kid, alg, state, wrapped_private_key, certificate, created_at, published_at, current_since, current_until, revoked_at
      from signing_keys where tenant_id = $1 order by created_at, kid)sql"};
constexpr sql::Statement kFind{"signing_keys.find", R"sql(
    select kid, alg, state, wrapped_private_key, certificate, created_at, published_at, current_since, current_until, revoked_at
      from signing_keys where tenant_id = $1 and kid = $2)sql"};
constexpr sql::Statement kInsert{"signing_keys.insert", R"sql(
    insert into signing_keys (tenant_id, kid, alg, state, wrapped_private_key, certificate, created_at, published_at, current_since,
                              current_until)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10))sql"};
constexpr sql::Statement kPromote{"signing_keys.promote", R"sql(
    update signing_keys
       set state = case state when 'current' then 'previous' else 'current' end,
           current_since = case state when 'next' then $3 else current_since end,
           current_until = case state when 'current' then $3 else current_until end
     where tenant_id = $1 and alg = $2 and state in ('current', 'next') and revoked_at is null
    returning state)sql"};
constexpr sql::Statement kRevoke{"signing_keys.revoke", R"sql(
    update signing_keys set revoked_at = $3 where tenant_id = $1 and kid = $2 and state = 'previous' and revoked_at is null)sql"};

Row read_row(const sql::Row& row) {
  return {.kid = row.string(0),
          .alg = row.string(1),
          .state = row.string(2),
          .wrapped_private_key = std::string(row.bytes(3)),
          .certificate = row.string(4),
          .created_at = row.instant(5),
          .published_at = row.maybe_instant(6),
          .current_since = row.maybe_instant(7),
          .current_until = row.maybe_instant(8),
          .revoked_at = row.maybe_instant(9)};
}

}  // namespace

std::vector<Row> list_usable(const Reader& r) { return r.connection.list(kListUsable, {r.tenant}, read_row); }
std::vector<Row> list_all(const Reader& r) { return r.connection.list(kListAll, {r.tenant}, read_row); }
std::optional<Row> find(const Reader& r, std::string_view kid) {
  return r.connection.maybe_one(kFind, {r.tenant, kid}, read_row);
}

void insert(const Writer& w, const Row& key) {
  w.connection.execute(kInsert, {w.tenant, key.kid, key.alg, key.state, base::as_bytes(key.wrapped_private_key), key.certificate,
                                 key.created_at, key.published_at, key.current_since, key.current_until});
  tenants::bump_config_version(w);
}

bool promote(const Writer& w, std::string_view alg, base::Instant now) {
  bool has_current = false;
  for (const auto& state : w.connection.list(kPromote, {w.tenant, alg, now}, [](const sql::Row& row) { return row.string(0); }))
    has_current = has_current || state == "current";
  tenants::bump_config_version(w);
  return has_current;
}

bool revoke(const Writer& w, std::string_view kid, base::Instant now) {
  if (w.connection.execute(kRevoke, {w.tenant, kid, now}) == 0) return false;
  tenants::bump_config_version(w);
  return true;
}

}  // namespace segue::store::signing_keys
