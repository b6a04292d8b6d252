// PostgreSQL 15 or later: a bounded pool of connections, one transaction each, at READ COMMITTED.
#pragma once
#include <memory>
#include <string>

#include "sql/database.h"

namespace segue::sql {

std::unique_ptr<Database> open_postgres_database(const std::string& url, const DatabaseOptions& options);

}  // namespace segue::sql
