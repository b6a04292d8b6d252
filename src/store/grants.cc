#include "store/grants.h"

#include "store/ancestry_columns.h"
#include "store/revocations.h"

namespace segue::store::grants {
namespace {

constexpr sql::Statement kInsert{"grants.insert", R"sql(
    insert into grants (tenant_id, grant_id, user_id, client_id, session_id, parent_family_id, parent_grant_id, transfer_id,
                        created_at, revocation_cascades)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, false))sql"};
constexpr sql::Statement kLock{
    "grants.lock_standing", "select revoked_at, revocation_cascades from grants where tenant_id = $1 and grant_id = $2",
    "select revoked_at, revocation_cascades from grants where tenant_id = $1 and grant_id = $2 for share"};
constexpr sql::Statement kRevoke{"grants.revoke", R"sql(
    update grants set revoked_at = $3, revocation_cascades = $4 where tenant_id = $1 and grant_id = $2 and revoked_at is null)sql"};

}  // namespace

void insert(const Writer& w, const model::Grant& grant) {
  w.connection.execute(kInsert, {w.tenant, grant.grant_id, grant.user_id, grant.client_id, grant.session_id,
                                 maybe_id(grant.ancestry.parent_family_id), maybe_id(grant.ancestry.parent_grant_id),
                                 grant.ancestry.transfer_id, grant.created_at});
}

std::optional<Standing> lock_standing(const Writer& w, base::RowId grant_id) {
  return w.connection.maybe_one(kLock, {w.tenant, grant_id}, [](const sql::Row& row) {
    return Standing{!row.null(0), row.boolean(1)};
  });
}

bool revoke(const Writer& w, base::RowId grant_id, bool cascades, base::Instant now) {
  if (w.connection.execute(kRevoke, {w.tenant, grant_id, now, cascades}) == 0) return false;
  if (cascades) revocations::insert_grant(w, grant_id, revocations::kSessionRevoked, now);
  return true;
}

}  // namespace segue::store::grants
