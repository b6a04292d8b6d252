#include "store/deferred_runs.h"

namespace segue::store::deferred_runs {
namespace {

constexpr sql::Statement kInsert{"deferred_runs.insert", R"sql(
    insert into deferred_runs (tenant_id, deferred_run_id, trigger_id, event, log_row, attempts, next_attempt_at, created_at)
    values ($1, $2, $3, $4, $5, 0, $6, $6))sql"};
constexpr sql::Statement kFindTenantDue{"deferred_runs.find_tenant_due", R"sql(
    select tenant_id from deferred_runs where next_attempt_at <= $1 order by next_attempt_at, tenant_id limit 1)sql"};
#define SEGUE_TAKE(lock)                                                                                                 \
  "update deferred_runs set next_attempt_at = $3, attempts = attempts + 1 where tenant_id = $1 and deferred_run_id = "   \
  "(select deferred_run_id from deferred_runs where tenant_id = $1 and next_attempt_at <= $2 order by next_attempt_at, " \
  "deferred_run_id limit 1" lock ") returning deferred_run_id, trigger_id, event, log_row, attempts, created_at"
// Two workers that ask at once get two rows.
constexpr sql::Statement kTake{"deferred_runs.take", SEGUE_TAKE(""), SEGUE_TAKE(" for update skip locked")};
#undef SEGUE_TAKE
constexpr sql::Statement kPostpone{"deferred_runs.postpone", R"sql(
    update deferred_runs set next_attempt_at = $3 where tenant_id = $1 and deferred_run_id = $2)sql"};
constexpr sql::Statement kFinish{"deferred_runs.finish",
                                 "delete from deferred_runs where tenant_id = $1 and deferred_run_id = $2"};

}  // namespace

void insert(const Writer& w, std::string_view trigger_id, std::string_view event, std::string_view log_row, base::Instant now) {
  w.connection.execute(kInsert, {w.tenant, w.ids.next(), trigger_id, event, log_row, now});
}

std::optional<base::TenantId> find_tenant_due(sql::Connection& connection, base::Instant now) {
  return connection.maybe_one(kFindTenantDue, {now}, [](const sql::Row& row) { return base::TenantId(row.integer(0)); });
}

std::optional<Run> take(const Writer& w, base::Instant now, base::Instant until) {
  return w.connection.maybe_one(kTake, {w.tenant, now, until}, [](const sql::Row& row) {
    return Run{.deferred_run_id = row.row_id(0),
               .trigger_id = row.string(1),
               .event = row.string(2),
               .log_row = row.string(3),
               .attempts = row.integer(4),
               .created_at = row.instant(5)};
  });
}

void postpone(const Writer& w, base::RowId deferred_run_id, base::Instant at) {
  w.connection.execute(kPostpone, {w.tenant, deferred_run_id, at});
}

void finish(const Writer& w, base::RowId deferred_run_id) { w.connection.execute(kFinish, {w.tenant, deferred_run_id}); }

}  // namespace segue::store::deferred_runs
