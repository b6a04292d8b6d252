// SQLite: one writer thread that commits many writes at once, and a bounded pool of readers.
#pragma once
#include <memory>
#include <string>

#include "sql/database.h"

namespace segue::sql {

// `path` is a file, or ":memory:" for a database that lives as long as the object and serves one reader at a time.
std::unique_ptr<Database> open_sqlite_database(const std::string& path, const DatabaseOptions& options);
std::unique_ptr<Database> open_sqlite_database_to_look(const std::string& path);

}  // namespace segue::sql
