// An existing instance as commands open it: key file and database, checked against each other's versions.
#pragma once
#include <memory>
#include <string>

#include "app/data_folder.h"
#include "sql/database.h"
#include "tenancy/key_file.h"

namespace segue::app {

struct Instance {
  tenancy::KeyFile key_file;
  std::unique_ptr<sql::Database> database;
};
// Refuses a schema that this program does not know, and says to run `segue migrate`.
base::Result<Instance> open_instance(const DataFolder& folder, const std::string& database_url,
                                     const sql::DatabaseOptions& options = {});
base::Outcome require_current_schema(sql::Database& database);
base::Instant read_high_water(sql::Database& database);

}  // namespace segue::app
