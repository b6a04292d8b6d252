#include "store/action_executions.h"

#include "json/value.h"

namespace segue::store::action_executions {
namespace {

constexpr sql::Statement kInsert{"action_executions.insert", R"sql(
    insert into action_executions (tenant_id, action_execution_id, execution_id, trigger_id, status, results, created_at, updated_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8))sql"};
constexpr sql::Statement kFind{"action_executions.find", R"sql(
    select execution_id, trigger_id, status, results, created_at, updated_at
      from action_executions where tenant_id = $1 and execution_id = $2 and created_at > $3)sql"};
// Row ids are ordered by time: both walk the oldest end of the primary key.
constexpr sql::Statement kHasExpired{"action_executions.has_expired", R"sql(
    select 1 from action_executions where tenant_id = $1 and action_execution_id < $2 limit 1)sql"};
constexpr sql::Statement kSweep{"action_executions.sweep", R"sql(
    delete from action_executions where tenant_id = $1 and action_execution_id in
           (select action_execution_id from action_executions where tenant_id = $1 and action_execution_id < $2
             order by action_execution_id limit $3))sql"};

model::ActionExecution read_execution(const sql::Row& row) {
  model::ActionExecution out{.execution_id = row.string(0),
                             .trigger_id = row.string(1),
                             .status = row.string(2),
                             .results = {},
                             .created_at = row.instant(4),
                             .updated_at = row.instant(5)};
  const auto results = json::parse(row.text(3));
  if (results.ok() && results->is_array()) out.results = results->get_array();
  return out;
}

}  // namespace

void insert(const Writer& w, const model::ActionExecution& e) {
  w.connection.execute(kInsert, {w.tenant, w.ids.next(), e.execution_id, e.trigger_id, e.status, json::write(e.results),
                                 e.created_at, e.updated_at});
}

std::optional<model::ActionExecution> find(const Reader& r, std::string_view execution_id, base::Instant now) {
  return r.connection.maybe_one(kFind, {r.tenant, execution_id, now - kKept}, read_execution);
}

bool has_expired(const Reader& r, base::Instant now) {
  return r.connection
      .maybe_one(kHasExpired, {r.tenant, base::IdGenerator::first_at(now - kKept)}, [](const sql::Row&) { return true; })
      .has_value();
}

std::int64_t sweep(const Writer& w, base::Instant now, int most) {
  return w.connection.execute(kSweep, {w.tenant, base::IdGenerator::first_at(now - kKept), most});
}

}  // namespace segue::store::action_executions
