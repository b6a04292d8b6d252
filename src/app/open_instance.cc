#include "app/open_instance.h"

#include "app/config.h"
#include "sql/migrator.h"
#include "store/schema.h"
#include "store/tenants.h"

namespace segue::app {

base::Outcome require_current_schema(sql::Database& database) {
  const int stored = sql::schema_version(database);
  const int known = store::migrations().back().version;
  if (stored == known) return base::Unit{};
  const auto versions =
      "the database has schema version " + std::to_string(stored) + ", this program knows " + std::to_string(known);
  if (stored < known) return operator_error(versions + ": run `segue migrate`");
  // Version N runs beside N-1: one step ahead is the node that was upgraded first.
  if (stored == known + 1) return base::Unit{};
  return operator_error(versions + ": start a newer program; `segue migrate` of that program made this schema");
}

base::Result<Instance> open_instance(const DataFolder& folder, const std::string& database_url,
                                     const sql::DatabaseOptions& options) {
  auto key_file = TRY(folder.read_key_file());
  auto database = sql::open_database(TRY(folder.database_url(database_url)), options);
  TRY(require_current_schema(*database));
  return Instance{std::move(key_file), std::move(database)};
}

base::Instant read_high_water(sql::Database& database) {
  base::Instant out;
  database.read([&](sql::Connection& connection) { out = store::database_state::high_water(connection); });
  return out;
}

}  // namespace segue::app
