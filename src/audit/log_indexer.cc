#include "audit/log_indexer.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "json/value.h"
#include "store/logs.h"

namespace segue::audit {
namespace {

// How long a transaction is given to commit before ids newer than its own are indexed (PostgreSQL).
constexpr base::Duration kSettlingTime = std::chrono::seconds(2);
// Rows per transaction: many rows share the pages of an index, but the writer of SQLite has requests to serve in between.
constexpr std::size_t kRowsPerIndexing = 300;

store::logs::IndexedFields fields_of(const store::logs::Row& row) {
  store::logs::IndexedFields out;
  out.log_row_id = row.log_row_id;
  out.date = base::IdGenerator::time_of(row.log_row_id);
  out.type = row.type;
  out.transfer_id = row.transfer_id;
  const auto parsed = json::parse(row.record);
  if (!parsed.ok() || !parsed->is_object()) return out;
  const auto& record = parsed->get_object();
  const auto text = [&](std::string_view name) { return json::find_string(record, name).value_or(""); };
  if (const auto date = base::from_iso8601(text("date"))) out.date = *date;
  out.client_id = text("client_id");
  out.client_name = text("client_name");
  out.user_id = text("user_id");
  out.user_name = text("user_name");
  out.connection = text("connection");
  out.connection_id = text("connection_id");
  out.description = text("description");
  out.hostname = text("hostname");
  out.ip = text("ip");
  out.organization_id = text("organization_id");
  out.strategy = text("strategy");
  out.strategy_type = text("strategy_type");
  out.user_agent = text("user_agent");
  out.audience = text("audience");
  return out;
}

}  // namespace

int LogIndexer::run_once(base::TenantId tenant, int limit) {
  const bool settles = store_.database().engine() == sql::Engine::postgres;
  const auto settled =
      settles ? base::IdGenerator::first_at(clock_.now() - kSettlingTime) : base::RowId(std::numeric_limits<std::int64_t>::max());
  const auto rows = store_.read(tenant, [&](const store::Reader& r) { return store::logs::list_unindexed(r, settled, limit); });
  for (std::size_t start = 0; start < rows.size(); start += kRowsPerIndexing) {
    const auto end = std::min(rows.size(), start + kRowsPerIndexing);
    std::vector<store::logs::IndexedFields> batch;
    for (auto i = start; i < end; ++i) batch.push_back(fields_of(rows[i]));
    store_.write(tenant, [&](const store::Writer& w) {
      store::logs::index(w, batch, batch.back().log_row_id);
      return true;
    });
  }
  return static_cast<int>(rows.size());
}

}  // namespace segue::audit
