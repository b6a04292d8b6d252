#include "sql/sqlite_connection.h"

#include <sqlite3.h>

#include "base/result.h"

namespace segue::sql {
namespace {

// Long enough for an operator's `sqlite3` shell or a backup to finish a statement.
constexpr int kBusyTimeoutMs = 5000;

class SqliteRow final : public Row {
 public:
  explicit SqliteRow(sqlite3_stmt* statement) : statement_(statement) {}

  bool null(int column) const override { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  std::int64_t integer(int column) const override { return sqlite3_column_int64(statement_, column); }
  bool boolean(int column) const override { return sqlite3_column_int64(statement_, column) != 0; }
  std::string_view text(int column) const override { return view(sqlite3_column_text(statement_, column), column); }
  std::string_view bytes(int column) const override { return view(sqlite3_column_blob(statement_, column), column); }

 private:
  std::string_view view(const void* data, int column) const {
    if (!data) return "";
    return {static_cast<const char*>(data), static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
  }
  sqlite3_stmt* statement_;
};

// Bound text is borrowed, so nothing may stay bound, and an open cursor would hold back checkpoints.
struct ResetAfterUse {
  sqlite3_stmt* statement;
  ~ResetAfterUse() {
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
  }
};

}  // namespace

void SqliteConnection::Close::operator()(sqlite3* db) const { sqlite3_close_v2(db); }
void SqliteConnection::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

SqliteConnection::SqliteConnection(const std::string& path, Mode mode, int cache_kib) : path_(path), mode_(mode) {
  // The allocation counters sit behind a process-wide mutex that every connection would share. Before the first use only.
  [[maybe_unused]] static const int kWithoutCounters = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  const int access = mode == Mode::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  sqlite3* db = nullptr;
  const int opened = sqlite3_open_v2(path.c_str(), &db, access | SQLITE_OPEN_NOMUTEX, nullptr);
  db_.reset(db);
  if (opened != SQLITE_OK) throw Unavailable("cannot open the SQLite database " + path + ": " + sqlite3_errstr(opened));
  sqlite3_extended_result_codes(db, 1);
  sqlite3_busy_timeout(db, kBusyTimeoutMs);
  run_script("pragma temp_store = memory; pragma trusted_schema = off; pragma cache_size = -" + std::to_string(cache_kib));
}

std::int64_t SqliteConnection::run(const Statement& statement, std::span<const Param> params,
                                   base::FunctionRef<void(const Row&)> on_row) {
  Prepared& entry = prepared(statement, params.size());
  sqlite3_stmt* const handle = entry.handle.get();
  if (sqlite3_stmt_busy(handle)) throw base::Bug("statement " + std::string(statement.name()) + " was run inside its own rows");
  const ResetAfterUse reset{handle};
  bind(entry, params);

  std::int64_t rows = 0;
  const SqliteRow row(handle);
  for (;;) {
    const int step = sqlite3_step(handle);
    if (step == SQLITE_DONE) break;
    if (step != SQLITE_ROW) fail(statement.name());
    ++rows;
    on_row(row);
  }
  return entry.returns_rows ? rows : sqlite3_changes64(db_.get());
}

SqliteConnection::Prepared& SqliteConnection::prepared(const Statement& statement, std::size_t parameters) {
  const std::string_view text = statement.text(Engine::sqlite);
  auto [found, fresh] = statements_.try_emplace(text.data());
  Prepared& entry = found->second;
  if (!entry.handle) {
    sqlite3_stmt* handle = nullptr;
    const int outcome =
        sqlite3_prepare_v3(db_.get(), text.data(), static_cast<int>(text.size()), SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
    if (outcome != SQLITE_OK) fail(statement.name());
    entry.handle.reset(handle);
    entry.returns_rows = sqlite3_column_count(handle) > 0;
  }
  if (entry.indexes.size() != parameters) {
    entry.indexes.clear();
    int used = 0;
    for (std::size_t k = 1; k <= parameters; ++k) {
      const std::string name = "$" + std::to_string(k);
      entry.indexes.push_back(sqlite3_bind_parameter_index(entry.handle.get(), name.c_str()));
      if (entry.indexes.back() != 0) ++used;
    }
    if (used != sqlite3_bind_parameter_count(entry.handle.get())) {
      entry.indexes.clear();
      throw base::Bug("statement " + std::string(statement.name()) + " names a parameter that was not given");
    }
  }
  return entry;
}

void SqliteConnection::bind(const Prepared& entry, std::span<const Param> params) {
  sqlite3_stmt* const handle = entry.handle.get();
  for (std::size_t k = 0; k < params.size(); ++k) {
    const int index = entry.indexes[k];
    const Param& param = params[k];
    if (index == 0 || param.null()) continue;  // what is not bound is null
    // The engine takes a null pointer for SQL null; an empty view may hold one.
    const char* const data = param.text().data() ? param.text().data() : "";
    const auto size = static_cast<sqlite3_uint64>(param.text().size());
    int outcome = SQLITE_OK;
    switch (param.kind()) {
      case Param::Kind::integer:
      case Param::Kind::boolean: outcome = sqlite3_bind_int64(handle, index, param.integer()); break;
      case Param::Kind::text: outcome = sqlite3_bind_text64(handle, index, data, size, SQLITE_STATIC, SQLITE_UTF8); break;
      case Param::Kind::bytes: outcome = sqlite3_bind_blob64(handle, index, data, size, SQLITE_STATIC); break;
    }
    if (outcome != SQLITE_OK) fail("bind");
  }
}

void SqliteConnection::set_mode(Mode mode) {
  run_script(mode == Mode::read_only ? "pragma query_only = on" : "pragma query_only = off");
  mode_ = mode;
}

void SqliteConnection::run_script(const std::string& script) {
  if (sqlite3_exec(db_.get(), script.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail("script");
}

std::string SqliteConnection::first_text(const std::string& query) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v2(db_.get(), query.c_str(), -1, &raw, nullptr) != SQLITE_OK) fail(query);
  const std::unique_ptr<sqlite3_stmt, Finalize> handle(raw);
  const int step = sqlite3_step(raw);
  if (step == SQLITE_DONE) return "";
  if (step != SQLITE_ROW) fail(query);
  return SqliteRow(raw).string(0);
}

bool SqliteConnection::in_transaction() const { return sqlite3_get_autocommit(db_.get()) == 0; }

void SqliteConnection::rollback_quietly() noexcept {
  if (in_transaction()) sqlite3_exec(db_.get(), "rollback", nullptr, nullptr, nullptr);
}

// A text that does not compile is our mistake; what the disk or another process did is the world's.
void SqliteConnection::fail(std::string_view what) const {
  const int code = sqlite3_errcode(db_.get()) & 0xff;
  const std::string text = "SQLite, " + std::string(what) + ", " + path_ + ": " + sqlite3_errmsg(db_.get());
  switch (code) {
    case SQLITE_CONSTRAINT: throw ConstraintViolation(text);
    case SQLITE_ERROR:
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG: throw base::Bug(text);
    case SQLITE_READONLY:
      if (mode_ == Mode::read_only) throw base::Bug(text);
      [[fallthrough]];
    default: throw Unavailable(text);
  }
}

}  // namespace segue::sql
