// A database: transactions, and nothing else. sqlite_database.h and postgres_database.h implement it.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "base/function_ref.h"
#include "sql/connection.h"

namespace segue::sql {

class Database {
 public:
  virtual ~Database() = default;
  virtual Engine engine() const = 0;
  // Whether a fiber (base/fiber.h) that waits for write() leaves its thread to others meanwhile.
  virtual bool suspends_fibers() const { return false; }

  // Runs `body` in a read transaction of its own: one snapshot, which holds every write that was answered before. Like a write's,
  // the body may run more than once.
  virtual void read(base::FunctionRef<void(Connection&)> body) = 0;

  // Runs `body` and commits durably before it returns. `body` may run more than once (a lost commit, a deadlock, a batch that
  // failed), so it has no effect outside the connection but to assign its results. An exception from `body` rolls back its own
  // statements and is thrown to this caller; a refusal returns, and commits.
  // On SQLite many bodies share one commit; when one throws, all run again, each in a savepoint. Never call read or write inside
  // a body.
  virtual void write(base::FunctionRef<void(Connection&)> body) = 0;

  // Runs a script of DDL in one transaction. For migrations only.
  virtual void run_script(std::string_view script) = 0;
};

// Where tests make commits fail. Called by the thread that commits: SQLite's writer thread, or any caller on PostgreSQL.
struct WriteFault {
  virtual ~WriteFault() = default;
  // Throwing stands for a commit that the engine refused: it is rolled back and its bodies run again. On SQLite the bodies of
  // the batch then commit one by one; a body whose commit fails again throws Unavailable to its caller.
  virtual void before_commit() {}
  // Throwing stands for an answer that was lost: the work is stored, and its callers get Unavailable.
  virtual void after_commit() {}
};

struct DatabaseOptions {
  int readers = 8;  // SQLite: read connections; PostgreSQL: pool size
  std::string label = "main";
  WriteFault* fault = nullptr;  // borrowed; null outside tests
};

// `url` is `sqlite:PATH`, `sqlite::memory:` (tests) or `postgresql://…`. Throws Unavailable when it cannot be opened, with a text
// that says what to mend. SQLite takes a lock file beside the database, so that one process serves it; a second gets InUse.
std::unique_ptr<Database> open_database(std::string_view url, const DatabaseOptions& options = {});
// To look at a SQLite file that another process serves: it reads, and a write throws Unavailable.
std::unique_ptr<Database> open_database_to_look(std::string_view url);

}  // namespace segue::sql
