#include "sql/postgres_connection.h"

#include <endian.h>
#include <libpq-fe.h>

#include <array>
#include <cstring>

#include "base/result.h"
#include "base/text.h"

namespace segue::sql {
namespace {

// Object ids of the built-in types, from the server's pg_type.dat; libpq has no header for them.
constexpr Oid kBool = 16;
constexpr Oid kBytea = 17;
constexpr Oid kName = 19;
constexpr Oid kInt8 = 20;
constexpr Oid kInt2 = 21;
constexpr Oid kInt4 = 23;
constexpr Oid kText = 25;
constexpr Oid kVarchar = 1043;

constexpr int kBinary = 1;

Oid type_of(Param::Kind kind) {
  switch (kind) {
    case Param::Kind::integer: return kInt8;
    case Param::Kind::boolean: return kBool;
    case Param::Kind::text: return kText;
    case Param::Kind::bytes: return kBytea;
  }
  return kText;
}

// libpq ends its messages with a line break and adds advice on further lines.
std::string first_line(std::string_view message) { return std::string(message.substr(0, message.find('\n'))); }

std::string kinds_of(std::span<const Param> params) {
  std::string out;
  for (const Param& param : params) out += static_cast<char>('a' + static_cast<int>(param.kind()));
  return out;
}

class PostgresRow final : public Row {
 public:
  PostgresRow(const PGresult* result, int row, std::string_view statement) : result_(result), row_(row), statement_(statement) {}

  bool null(int column) const override { return PQgetisnull(result_, row_, column) != 0; }

  std::int64_t integer(int column) const override {
    if (null(column)) return 0;
    switch (PQftype(result_, column)) {
      case kInt8: return static_cast<std::int64_t>(be64toh(read<std::uint64_t>(column)));
      case kInt4: return static_cast<std::int32_t>(be32toh(read<std::uint32_t>(column)));
      case kInt2: return static_cast<std::int16_t>(be16toh(read<std::uint16_t>(column)));
      case kBool: return read<char>(column) != 0 ? 1 : 0;
      default: wrong_type(column, "an integer");
    }
  }
  bool boolean(int column) const override { return integer(column) != 0; }

  std::string_view text(int column) const override {
    switch (PQftype(result_, column)) {
      case kText:
      case kVarchar:
      case kName: return raw(column);
      default: wrong_type(column, "text");
    }
  }
  std::string_view bytes(int column) const override {
    switch (PQftype(result_, column)) {
      case kBytea:
      case kText: return raw(column);
      default: wrong_type(column, "bytes");
    }
  }

 private:
  std::string_view raw(int column) const {
    return {PQgetvalue(result_, row_, column), static_cast<std::size_t>(PQgetlength(result_, row_, column))};
  }
  template <class T>
  T read(int column) const {
    T value;
    std::memcpy(&value, PQgetvalue(result_, row_, column), sizeof value);
    return value;
  }
  [[noreturn]] void wrong_type(int column, std::string_view wanted) const {
    throw base::Bug("statement " + std::string(statement_) + " returns type " + std::to_string(PQftype(result_, column)) +
                    " in column " + std::to_string(column) + ", read as " + std::string(wanted) + "; add a cast");
  }
  const PGresult* result_;
  int row_;
  std::string_view statement_;
};

bool is_failure(const PGresult* result) {
  switch (PQresultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_EMPTY_QUERY: return false;
    default: return true;
  }
}

}  // namespace

void PostgresConnection::Finish::operator()(pg_conn* connection) const { PQfinish(connection); }
void PostgresConnection::Clear::operator()(pg_result* result) const { PQclear(result); }

PostgresConnection::PostgresConnection(const std::string& url, const std::string& label) {
  const std::string name = "segue-" + label;
  // A word in the URL wins over the ones that stand before it.
  const std::array<const char*, 6> words = {"connect_timeout", "tcp_user_timeout", "fallback_application_name",
                                            "dbname",          "client_encoding",  nullptr};
  const std::array<const char*, 6> values = {"5", "15000", name.c_str(), url.c_str(), "UTF8", nullptr};
  connection_.reset(PQconnectdbParams(words.data(), values.data(), 1));
  pg_conn* const handle = connection_.get();
  if (!handle) throw Unavailable("PostgreSQL: out of memory");
  if (PQstatus(handle) != CONNECTION_OK) {
    throw Unavailable("cannot connect to PostgreSQL: " + first_line(PQerrorMessage(handle)));
  }
  constexpr int kOldestServer = 150000;
  if (PQserverVersion(handle) < kOldestServer) throw Unavailable("PostgreSQL 15 or later is needed");
  PQsetNoticeProcessor(
      handle, [](void*, const char*) {}, nullptr);
  // Otherwise a node that hangs inside a transaction would hold its row locks for ever.
  // The statement limit is well above any query of the store.
  const Result limits(PQexec(handle, "set statement_timeout = '30s'; set idle_in_transaction_session_timeout = '60s'"));
  if (is_failure(limits.get())) fail(limits.get(), "session settings");
  if (PQenterPipelineMode(handle) != 1) lost("pipeline mode");
}

void PostgresConnection::begin(Access access) {
  access_ = access;
  begin_waits_ = true;
}

std::int64_t PostgresConnection::run(const Statement& statement, std::span<const Param> params,
                                     base::FunctionRef<void(const Row&)> on_row) {
  const std::string_view what = statement.name();
  const char* const text = statement.text(Engine::postgres).data();
  const std::string kinds = kinds_of(params);
  pg_conn* const handle = connection_.get();
  const int count = static_cast<int>(params.size());

  std::size_t commands = 0;
  send_begin(commands, what);
  const Prepared* known = find(text, kinds);
  const std::string name = known ? known->name : "s" + std::to_string(++names_);
  if (!known) {
    std::vector<Oid> types;
    for (const Param& param : params) types.push_back(type_of(param.kind()));
    sent(PQsendPrepare(handle, name.c_str(), text, count, types.data()), what);
    ++commands;
  }
  bind(params);
  sent(PQsendQueryPrepared(handle, name.c_str(), count, values_.data(), lengths_.data(), formats_.data(), kBinary), what);
  ++commands;
  const Result result = answers(commands, what);
  if (!known) statements_[text].push_back({kinds, name});

  if (PQresultStatus(result.get()) == PGRES_TUPLES_OK) {
    const int rows = PQntuples(result.get());
    for (int row = 0; row < rows; ++row) on_row(PostgresRow(result.get(), row, what));
    return rows;
  }
  return base::parse_integer(PQcmdTuples(result.get())).value_or(0);
}

// Scripts hold many statements, which only the simple protocol takes.
void PostgresConnection::run_script(const std::string& script) {
  std::size_t commands = 0;
  send_begin(commands, "script");
  if (commands > 0) answers(commands, "script");
  pg_conn* const handle = connection_.get();
  if (PQexitPipelineMode(handle) != 1) lost("script");
  // A migration of a large table may take its time.
  const Result result(PQexec(handle, ("set local statement_timeout = 0;" + script).c_str()));
  const bool pipelining = PQenterPipelineMode(handle) == 1;
  if (is_failure(result.get())) fail(result.get(), "script");
  if (!pipelining) lost("script");
}

void PostgresConnection::commit() {
  begin_waits_ = false;
  if (!open_) return;
  pg_conn* const handle = connection_.get();
  // A body that swallowed a failure would get a silent rollback from COMMIT.
  if (PQtransactionStatus(handle) == PQTRANS_INERROR) throw base::Bug("a write went on after a statement of its own had failed");
  constexpr std::string_view kWhat = "commit";
  try {
    sent(PQsendQueryParams(handle, "commit", 0, nullptr, nullptr, nullptr, nullptr, kBinary), kWhat);
    answers(1, kWhat);
    open_ = false;
  } catch (const PostgresRetry& failure) {
    if (!failure.session_lost()) throw;
    throw Unavailable(std::string("the session was lost during COMMIT, so it is unknown whether it happened: ") + failure.what());
  }
}

void PostgresConnection::rollback_quietly() noexcept {
  begin_waits_ = false;
  if (!open_) return;
  try {
    sent(PQsendQueryParams(connection_.get(), "rollback", 0, nullptr, nullptr, nullptr, nullptr, kBinary), "rollback");
    answers(1, "rollback");
    open_ = false;
  } catch (const std::exception&) {
    // The transaction counts as open, so usable() is false and the session is replaced.
  }
}

bool PostgresConnection::usable() const {
  return !open_ && PQstatus(connection_.get()) == CONNECTION_OK && PQpipelineStatus(connection_.get()) == PQ_PIPELINE_ON;
}

const PostgresConnection::Prepared* PostgresConnection::find(const char* text, const std::string& kinds) const {
  const auto found = statements_.find(text);
  if (found == statements_.end()) return nullptr;
  for (const Prepared& entry : found->second) {
    if (entry.kinds == kinds) return &entry;
  }
  return nullptr;
}

void PostgresConnection::send_begin(std::size_t& commands, std::string_view what) {
  if (!begin_waits_) return;
  // Reads see one snapshot, as on SQLite. Writes decide by conditional statements, which READ COMMITTED re-checks after a lock.
  const char* const text = access_ == Access::read_only ? "begin isolation level repeatable read read only"
                                                        : "begin isolation level read committed read write";
  sent(PQsendQueryParams(connection_.get(), text, 0, nullptr, nullptr, nullptr, nullptr, kBinary), what);
  begin_waits_ = false;
  open_ = true;
  ++commands;
}

void PostgresConnection::bind(std::span<const Param> params) {
  values_.clear();
  lengths_.clear();
  formats_.assign(params.size(), kBinary);
  integers_.assign(params.size(), 0);
  for (std::size_t k = 0; k < params.size(); ++k) {
    const Param& param = params[k];
    const char* value = nullptr;
    int length = 0;
    if (!param.null()) {
      switch (param.kind()) {
        case Param::Kind::integer:
          integers_[k] = htobe64(static_cast<std::uint64_t>(param.integer()));
          value = reinterpret_cast<const char*>(&integers_[k]);
          length = sizeof integers_[k];
          break;
        case Param::Kind::boolean:
          value = param.integer() != 0 ? "\1" : "\0";
          length = 1;
          break;
        case Param::Kind::text:
        case Param::Kind::bytes:
          // libpq takes a null pointer for SQL null; an empty view may hold one.
          value = param.text().data() ? param.text().data() : "";
          length = static_cast<int>(param.text().size());
          break;
      }
    }
    values_.push_back(value);
    lengths_.push_back(length);
  }
}

void PostgresConnection::sent(int accepted, std::string_view what) {
  if (accepted != 1) lost(what);
}

PostgresConnection::Result PostgresConnection::answers(std::size_t commands, std::string_view what) {
  pg_conn* const handle = connection_.get();
  sent(PQpipelineSync(handle), what);
  Result failure;
  Result last;
  for (std::size_t k = 0; k < commands; ++k) {
    Result result(PQgetResult(handle));
    if (!result) lost(what);
    if (is_failure(result.get())) {
      // What follows the first failure is only marked as skipped.
      if (!failure) failure = std::move(result);
      if (PQstatus(handle) != CONNECTION_OK) break;
    } else {
      last = std::move(result);
    }
    const Result separator(PQgetResult(handle));
  }
  if (PQstatus(handle) == CONNECTION_OK) {
    const Result synchronised(PQgetResult(handle));
    if (PQresultStatus(synchronised.get()) != PGRES_PIPELINE_SYNC) lost(what);
  }
  if (failure) fail(failure.get(), what);
  return last;
}

void PostgresConnection::lost(std::string_view what) const {
  throw PostgresRetry(
      "PostgreSQL, " + std::string(what) + ": the session was lost: " + first_line(PQerrorMessage(connection_.get())), true);
}

// PostgreSQL 15 documentation, appendix A: the first two characters are the class of the error.
void PostgresConnection::fail(const pg_result* result, std::string_view what) const {
  if (PQstatus(connection_.get()) != CONNECTION_OK) lost(what);
  const char* const field = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const std::string_view state = field ? field : "";
  const char* const primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  // The primary message only: the detail may quote a row.
  const std::string text =
      "PostgreSQL, " + std::string(what) + ": " + (primary ? primary : "no message") + " (" + std::string(state) + ")";
  if (state == "40001" || state == "40P01") throw PostgresRetry(text, false);
  // The server is ending the session (shutdown, crash of a neighbour) and the end of the stream has not been read yet.
  if (state.starts_with("57P")) throw PostgresRetry(text, true);
  // The session no longer fits the schema or does not know our prepared statement (a migration, a connection pooler).
  if (state == "0A000" || state == "26000") throw PostgresRetry(text, true);
  if (state.starts_with("23")) throw ConstraintViolation(text);
  if (state.starts_with("42") || state.starts_with("22") || state == "08P01") throw base::Bug(text);
  if (state == "25006" && access_ == Access::read_only) throw base::Bug(text);
  throw Unavailable(text);
}

}  // namespace segue::sql
