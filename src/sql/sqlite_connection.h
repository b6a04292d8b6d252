// One SQLite connection with its prepared statements. Used by one thread at a time.
#pragma once
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "sql/connection.h"

struct sqlite3;
struct sqlite3_stmt;

namespace segue::sql {

class SqliteConnection final : public Connection {
 public:
  enum class Mode { read_write, read_only };

  // Throws Unavailable when the file cannot be opened.
  SqliteConnection(const std::string& path, Mode mode, int cache_kib);

  Engine engine() const override { return Engine::sqlite; }
  std::int64_t run(const Statement& statement, std::span<const Param> params,
                   base::FunctionRef<void(const Row&)> on_row) override;

  // Makes writes fail until it is set back: the one connection of an in-memory database also serves readers.
  void set_mode(Mode mode);
  // Runs statements that are not prepared: pragmas and DDL.
  void run_script(const std::string& script);
  // Runs one statement and returns the first column of its first row, or "".
  std::string first_text(const std::string& query);
  // False once the engine itself has rolled back, as it does when the disk is full.
  bool in_transaction() const;
  void rollback_quietly() noexcept;
  sqlite3* handle() const { return db_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* db) const;
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  struct Prepared {
    std::unique_ptr<sqlite3_stmt, Finalize> handle;
    std::vector<int> indexes;  // of $1, $2, …; 0 when the text does not use that parameter
    bool returns_rows = false;
  };

  Prepared& prepared(const Statement& statement, std::size_t parameters);
  void bind(const Prepared& statement, std::span<const Param> params);
  [[noreturn]] void fail(std::string_view what) const;

  std::string path_;
  Mode mode_;
  std::unique_ptr<sqlite3, Close> db_;
  // By the address of the literal, which lives as long as the process and names one text only.
  std::unordered_map<const char*, Prepared> statements_;
};

}  // namespace segue::sql
