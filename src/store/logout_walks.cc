#include "store/logout_walks.h"

namespace segue::store::logout_walks {
namespace {

#define SEGUE_WALK "logout_walk_id, browser_hash, step, awaited, plan, created_at, expires_at, finished_at"
constexpr sql::Statement kInsert{"logout_walks.insert", R"sql(
    insert into logout_walks (tenant_id, logout_walk_id, secret_hash, browser_hash, step, awaited, plan, created_at, expires_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9))sql"};
constexpr sql::Statement kFind{
    "logout_walks.find", "select " SEGUE_WALK ", secret_hash from logout_walks where tenant_id = $1 and logout_walk_id = $2"};
constexpr sql::Statement kAdvance{"logout_walks.advance", R"sql(
    update logout_walks set step = step + 1, awaited = $4, plan = $5, finished_at = $6, secret_hash = $7
     where tenant_id = $1 and logout_walk_id = $2 and step = $3 and finished_at is null and expires_at > $8)sql"};
constexpr sql::Statement kTakeOver{
    "logout_walks.take_over",
    "update logout_walks set finished_at = $3 where tenant_id = $1 and browser_hash = $2 and finished_at is null "
    "and expires_at > $3 returning " SEGUE_WALK};
constexpr sql::Statement kTakeUp{
    "logout_walks.take_up",
    "update logout_walks set finished_at = $3 where tenant_id = $1 and browser_hash = $2 and finished_at is null "
    "and expires_at > $3 and step = 0 returning " SEGUE_WALK};
constexpr sql::Statement kHasExpired{"logout_walks.has_expired", R"sql(
    select 1 from logout_walks where tenant_id = $1 and expires_at <= $2 and finished_at is null limit 1)sql"};
constexpr sql::Statement kEndExpired{
    "logout_walks.end_expired",
    "update logout_walks set finished_at = $2 where tenant_id = $1 and expires_at <= $2 and finished_at is null "
    "returning " SEGUE_WALK};
#undef SEGUE_WALK

model::LogoutWalk walk_of(const sql::Row& row) {
  return {.logout_walk_id = row.row_id(0),
          .browser_hash = row.digest(1),
          .step = row.integer(2),
          .awaited = row.string(3),
          .plan = model::logout_plan_from(row.text(4)),
          .created_at = row.instant(5),
          .expires_at = row.instant(6),
          .finished_at = row.maybe_instant(7)};
}

}  // namespace

void insert(const Writer& w, const model::LogoutWalk& walk, const model::Digest& secret_hash) {
  w.connection.execute(kInsert, {w.tenant, walk.logout_walk_id, secret_hash, walk.browser_hash, walk.step, walk.awaited,
                                 to_text(walk.plan), walk.created_at, walk.expires_at});
}

std::optional<Found> find(const Reader& r, base::RowId logout_walk_id) {
  return r.connection.maybe_one(kFind, {r.tenant, logout_walk_id}, [](const sql::Row& row) {
    return Found{walk_of(row), row.digest(8)};
  });
}

bool advance(const Writer& w, const model::LogoutWalk& walk, const model::Digest& secret_hash, base::Instant now) {
  return w.connection.execute(kAdvance, {w.tenant, walk.logout_walk_id, walk.step, walk.awaited, to_text(walk.plan),
                                         walk.finished_at, secret_hash, now}) == 1;
}

std::vector<model::LogoutWalk> take_over(const Writer& w, const model::Digest& browser_hash, base::Instant now) {
  return w.connection.list(kTakeOver, {w.tenant, browser_hash, now}, walk_of);
}

std::vector<model::LogoutWalk> take_up(const Writer& w, const model::Digest& browser_hash, base::Instant now) {
  return w.connection.list(kTakeUp, {w.tenant, browser_hash, now}, walk_of);
}

std::vector<model::LogoutWalk> end_expired(const Writer& w, base::Instant now) {
  return w.connection.list(kEndExpired, {w.tenant, now}, walk_of);
}

bool has_expired(const Reader& r, base::Instant now) { return r.connection.execute(kHasExpired, {r.tenant, now}) > 0; }

}  // namespace segue::store::logout_walks
