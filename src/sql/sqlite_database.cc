#include "sql/sqlite_database.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <mutex>
#include <optional>
#include <system_error>

#include "base/result.h"
#include "sql/fair_lock.h"
#include "sql/pool.h"
#include "sql/sqlite_checkpointer.h"
#include "sql/sqlite_connection.h"
#include "sql/sqlite_lock_file.h"
#include "sql/sqlite_writer.h"

namespace segue::sql {
namespace {

// The kernel's page cache holds the file; these only save the system call for the hottest pages.
constexpr int kWriterCacheKib = 8192;
constexpr int kReaderCacheKib = 1024;

constexpr Statement kBeginRead{"sqlite.begin_read", "begin"};
constexpr Statement kEndRead{"sqlite.end_read", "commit"};

void read_with(SqliteConnection& connection, base::FunctionRef<void(Connection&)> body) {
  connection.execute(kBeginRead, {});
  try {
    body(connection);
    connection.execute(kEndRead, {});
  } catch (...) {
    connection.rollback_quietly();
    throw;
  }
}

// The engine would make the file readable by everybody, and copies its mode to the log and the index beside it.
const std::string& made_private(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0)
    throw Unavailable("cannot open the SQLite database " + path + ": " + std::generic_category().message(errno));
  ::close(descriptor);
  return path;
}

void refuse_inside(const SqliteWriter& writer) {
  if (writer.is_current_thread()) throw base::Bug("the database was called from inside a write");
}

class SqliteFileDatabase final : public Database {
 public:
  SqliteFileDatabase(const std::string& path, const DatabaseOptions& options)
      : lock_file_(path), connection_(made_private(path), SqliteConnection::Mode::read_write, kWriterCacheKib) {
    if (connection_.first_text("pragma journal_mode = wal") != "wal") {
      throw Unavailable("the file system of " + path + " does not support write-ahead logging; use a local disk");
    }
    connection_.run_script(
        "pragma synchronous = full; pragma foreign_keys = off; pragma wal_autocheckpoint = 0;"
        "pragma journal_size_limit = 67108864");
    writer_.emplace(connection_, connection_use_, options.fault);
    checkpointer_.emplace(path, [this] { return writer_->commits(); });
    readers_.emplace(options.readers, [path] {
      return std::make_unique<SqliteConnection>(path, SqliteConnection::Mode::read_only, kReaderCacheKib);
    });
  }

  Engine engine() const override { return Engine::sqlite; }
  bool suspends_fibers() const override { return true; }

  void read(base::FunctionRef<void(Connection&)> body) override {
    refuse_inside(*writer_);
    auto lease = readers_->lend();
    read_with(lease.get(), body);
  }

  void write(base::FunctionRef<void(Connection&)> body) override {
    refuse_inside(*writer_);
    auto work = [&](SqliteConnection& connection) { body(connection); };
    writer_->write(work);
  }

  void run_script(std::string_view script) override {
    auto work = [&](SqliteConnection& connection) { connection.run_script(std::string(script)); };
    writer_->write(work);
  }

 private:
  // In this order, so that the writer's connection closes last: the last one to close folds the log into the file.
  SqliteLockFile lock_file_;
  SqliteConnection connection_;
  FairLock connection_use_;
  std::optional<SqliteWriter> writer_;
  std::optional<SqliteCheckpointer> checkpointer_;
  std::optional<Pool<SqliteConnection>> readers_;
};

struct BackToWriting {
  SqliteConnection& connection;
  ~BackToWriting() { connection.set_mode(SqliteConnection::Mode::read_write); }
};

// One connection: a second one would see another database, and SQLite's shared cache makes readers fail while a writer works.
class SqliteMemoryDatabase final : public Database {
 public:
  explicit SqliteMemoryDatabase(const DatabaseOptions& options)
      : connection_(":memory:", SqliteConnection::Mode::read_write, kWriterCacheKib),
        writer_(connection_, connection_use_, options.fault) {}

  Engine engine() const override { return Engine::sqlite; }
  bool suspends_fibers() const override { return true; }

  void read(base::FunctionRef<void(Connection&)> body) override {
    refuse_nested();
    const std::lock_guard lock(connection_use_);
    connection_.set_mode(SqliteConnection::Mode::read_only);
    const BackToWriting guard{connection_};
    read_with(connection_, body);
  }

  void write(base::FunctionRef<void(Connection&)> body) override {
    refuse_nested();
    auto work = [&](SqliteConnection& connection) { body(connection); };
    writer_.write(work);
  }

  void run_script(std::string_view script) override {
    auto work = [&](SqliteConnection& connection) { connection.run_script(std::string(script)); };
    writer_.write(work);
  }

 private:
  // It would wait for itself.
  void refuse_nested() const {
    if (connection_use_.held_by_current_thread()) throw base::Bug("the database was called from inside a read or a write");
  }

  SqliteConnection connection_;
  FairLock connection_use_;
  SqliteWriter writer_;
};

// Beside the process that serves the file: no lock, no writer, no checkpoints.
class SqliteFileToLook final : public Database {
 public:
  explicit SqliteFileToLook(const std::string& path) : connection_(path, SqliteConnection::Mode::read_only, kReaderCacheKib) {}

  Engine engine() const override { return Engine::sqlite; }
  void read(base::FunctionRef<void(Connection&)> body) override {
    const std::lock_guard lock(use_);
    read_with(connection_, body);
  }
  void write(base::FunctionRef<void(Connection&)>) override { refuse(); }
  void run_script(std::string_view) override { refuse(); }

 private:
  [[noreturn]] static void refuse() {
    throw Unavailable("the database is served by another process and was opened to look only");
  }

  std::mutex use_;
  SqliteConnection connection_;
};

}  // namespace

std::unique_ptr<Database> open_sqlite_database_to_look(const std::string& path) {
  return std::make_unique<SqliteFileToLook>(path);
}

std::unique_ptr<Database> open_sqlite_database(const std::string& path, const DatabaseOptions& options) {
  if (path == ":memory:") return std::make_unique<SqliteMemoryDatabase>(options);
  return std::make_unique<SqliteFileDatabase>(path, options);
}

}  // namespace segue::sql
