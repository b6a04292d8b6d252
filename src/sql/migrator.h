// Forward-only schema versions. `serve` checks, `segue migrate` applies.
#pragma once
#include <span>
#include <string_view>

#include "sql/database.h"

namespace segue::sql {

struct Migration {
  int version;
  std::string_view name;
  std::string_view sqlite;  // script text per engine
  std::string_view postgres;
};

// 0 on an empty database.
int schema_version(Database& database);
// Applies what is missing, each migration in its own transaction. Refuses (throws Unavailable) a database that is newer than
// `migrations`, or one whose applied migration has another checksum than ours.
void migrate(Database& database, std::span<const Migration> migrations);

}  // namespace segue::sql
