// Runs of Actions that come after the commit: rows of work, taken by one worker at a time and gone when they were run.
#pragma once
#include <optional>
#include <string>

#include "store/store.h"

namespace segue::store::deferred_runs {

struct Run {
  base::RowId deferred_run_id{};
  std::string trigger_id;
  std::string event, log_row;  // JSON
  std::int64_t attempts = 0;   // the one that begins included
  base::Instant created_at{};
};
// In the transaction that commits what the Actions hear of.
void insert(const Writer& w, std::string_view trigger_id, std::string_view event, std::string_view log_row, base::Instant now);
std::optional<base::TenantId> find_tenant_due(sql::Connection& connection, base::Instant now);
// The one that has waited longest, which nobody else is given before `until`.
std::optional<Run> take(const Writer& w, base::Instant now, base::Instant until);
void postpone(const Writer& w, base::RowId deferred_run_id, base::Instant at);
void finish(const Writer& w, base::RowId deferred_run_id);

}  // namespace segue::store::deferred_runs
