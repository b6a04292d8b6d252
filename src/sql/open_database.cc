#include "base/result.h"
#include "sql/postgres_database.h"
#include "sql/sqlite_database.h"

namespace segue::sql {
namespace {

constexpr std::string_view kSqlite = "sqlite:";

}  // namespace

std::unique_ptr<Database> open_database_to_look(std::string_view url) {
  if (!url.starts_with(kSqlite)) throw base::Bug("only SQLite keeps other processes out");
  return open_sqlite_database_to_look(std::string(url.substr(kSqlite.size())));
}

std::unique_ptr<Database> open_database(std::string_view url, const DatabaseOptions& options) {
  if (url.starts_with(kSqlite) && url.size() > kSqlite.size()) {
    return open_sqlite_database(std::string(url.substr(kSqlite.size())), options);
  }
  if (url.starts_with("postgresql://") || url.starts_with("postgres://")) {
    return open_postgres_database(std::string(url), options);
  }
  // The text does not repeat the URL: it may hold a password.
  throw Unavailable("the database URL must be sqlite:PATH or postgresql://USER@HOST/DATABASE");
}

}  // namespace segue::sql
