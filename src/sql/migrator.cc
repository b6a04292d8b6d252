#include "sql/migrator.h"

#include <map>

#include "base/log.h"
#include "base/result.h"
#include "crypto/digest.h"

namespace segue::sql {
namespace {

constexpr std::string_view kTable = R"sql(
create table if not exists schema_migrations (
  version bigint primary key,
  name text not null,
  checksum text not null,
  applied_at bigint not null
))sql";

constexpr Statement kTableExists{
    "schema_migrations.exists", "select exists (select 1 from sqlite_master where type = 'table' and name = 'schema_migrations')",
    "select to_regclass('schema_migrations') is not null"};
constexpr Statement kNewest{"schema_migrations.newest", "select coalesce(max(version), 0) from schema_migrations"};
constexpr Statement kApplied{"schema_migrations.applied", "select version, checksum from schema_migrations order by version"};

std::string_view script_of(const Migration& migration, Engine engine) {
  return engine == Engine::sqlite ? migration.sqlite : migration.postgres;
}

std::string checksum_of(const Migration& migration, Engine engine) {
  return base::hex(crypto::sha256(script_of(migration, engine)));
}

bool table_exists(Connection& connection) {
  return connection.maybe_one(kTableExists, {}, [](const Row& row) { return row.boolean(0); }).value_or(false);
}

std::map<std::int64_t, std::string> applied_checksums(Database& database) {
  std::map<std::int64_t, std::string> out;
  database.read([&](Connection& connection) {
    out.clear();
    if (!table_exists(connection)) return;
    connection.run(kApplied, {}, [&](const Row& row) { out[row.integer(0)] = row.string(1); });
  });
  return out;
}

void check_order(std::span<const Migration> migrations) {
  int last = 0;
  for (const Migration& migration : migrations) {
    if (migration.version <= last) throw base::Bug("migrations are not in ascending order at " + std::string(migration.name));
    // The name becomes part of a script.
    if (migration.name.find('\'') != std::string_view::npos) throw base::Bug("a migration's name holds a quote");
    last = migration.version;
  }
}

void check_applied(const std::map<std::int64_t, std::string>& applied, std::span<const Migration> migrations, Engine engine) {
  const std::int64_t newest = migrations.empty() ? 0 : migrations.back().version;
  if (!applied.empty() && applied.rbegin()->first > newest) {
    throw Unavailable("the database has schema version " + std::to_string(applied.rbegin()->first) +
                      ", newer than this program's " + std::to_string(newest) + "; start a newer program, or restore a backup");
  }
  std::size_t known = 0;
  for (const Migration& migration : migrations) {
    const auto found = applied.find(migration.version);
    if (found == applied.end()) continue;
    ++known;
    if (found->second != checksum_of(migration, engine)) {
      throw Unavailable("migration " + std::to_string(migration.version) + " (" + std::string(migration.name) +
                        ") was applied with another text than this program has; use the program that made the database");
    }
  }
  if (known != applied.size()) throw Unavailable("the database has a migration that this program does not know");
}

// The row goes first: its primary key makes a second process that migrates at once wait, and then fail instead of running the
// script twice. Both belong to one transaction. The time comes from the engine and is for people only.
std::string with_record(const Migration& migration, Engine engine) {
  const std::string now = engine == Engine::sqlite ? "cast(strftime('%s', 'now') as integer) * 1000000"
                                                   : "cast(extract(epoch from now()) * 1000000 as bigint)";
  return "insert into schema_migrations (version, name, checksum, applied_at) values (" + std::to_string(migration.version) +
         ", '" + std::string(migration.name) + "', '" + checksum_of(migration, engine) + "', " + now + ");\n" +
         std::string(script_of(migration, engine));
}

// PostgreSQL's `if not exists` does not cover two sessions that create at the same moment.
void create_table(Database& database) {
  try {
    database.run_script(kTable);
  } catch (const std::exception&) {
    bool exists = false;
    database.read([&](Connection& connection) { exists = table_exists(connection); });
    if (!exists) throw;
  }
}

void apply(Database& database, const Migration& migration) {
  try {
    database.run_script(with_record(migration, database.engine()));
  } catch (const ConstraintViolation&) {
    // Another process was faster, if the record is there; otherwise the script itself broke a constraint.
    const auto applied = applied_checksums(database);
    const auto found = applied.find(migration.version);
    if (found == applied.end() || found->second != checksum_of(migration, database.engine())) throw;
    return;
  }
  base::log::info("migration applied", {{"version", std::to_string(migration.version)}, {"name", std::string(migration.name)}});
}

}  // namespace

int schema_version(Database& database) {
  int out = 0;
  database.read([&](Connection& connection) {
    out = 0;
    if (!table_exists(connection)) return;
    out = static_cast<int>(connection.maybe_one(kNewest, {}, [](const Row& row) { return row.integer(0); }).value_or(0));
  });
  return out;
}

void migrate(Database& database, std::span<const Migration> migrations) {
  check_order(migrations);
  const auto applied = applied_checksums(database);
  check_applied(applied, migrations, database.engine());
  create_table(database);
  for (const Migration& migration : migrations) {
    if (!applied.contains(migration.version)) apply(database, migration);
  }
}

}  // namespace segue::sql
