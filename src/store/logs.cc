#include "store/logs.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "base/result.h"
#include "base/text.h"

namespace segue::store::logs {
namespace {

constexpr sql::Statement kAppend{"logs.append", R"sql(
    insert into logs (tenant_id, log_row_id, type, transfer_id, record) values ($1, $2, $3, $4, $5))sql"};
constexpr sql::Statement kFind{"logs.find", "select record from logs where tenant_id = $1 and log_row_id = $2"};
constexpr sql::Statement kListSettled{"logs.list_settled", R"sql(
    select log_row_id, type, transfer_id, record from logs
     where tenant_id = $1 and log_row_id > $2
       and log_row_id <= (select indexed_up_to from log_cursors where tenant_id = $1)
     order by log_row_id limit $3)sql"};
constexpr sql::Statement kHasOlder{"logs.has_older", "select 1 from logs where tenant_id = $1 and log_row_id < $2 limit 1"};
constexpr sql::Statement kSweep{"logs.sweep", R"sql(
    delete from logs where tenant_id = $1 and log_row_id in
      (select log_row_id from logs where tenant_id = $1 and log_row_id < $2 order by log_row_id limit $3))sql"};
constexpr sql::Statement kSweepIndex{"logs.sweep_index", R"sql(
    delete from log_index where tenant_id = $1 and log_row_id in
      (select log_row_id from log_index where tenant_id = $1 and log_row_id < $2 order by log_row_id limit $3))sql"};
constexpr sql::Statement kSweepLate{"logs.sweep_late", "delete from late_log_rows where tenant_id = $1 and log_row_id < $2"};

constexpr sql::Statement kCursor{"logs.cursor", "select indexed_up_to from log_cursors where tenant_id = $1"};
constexpr sql::Statement kListUnindexed{"logs.list_unindexed", R"sql(
    select log_row_id, type, transfer_id, record from logs
     where tenant_id = $1 and log_row_id > $2 and log_row_id <= $3
       and not exists (select 1 from log_index
                        where log_index.tenant_id = logs.tenant_id and log_index.log_row_id = logs.log_row_id)
     order by log_row_id limit $4)sql"};
constexpr sql::Statement kIndex{"logs.index", R"sql(
    insert into log_index (tenant_id, log_row_id, date, type, client_id, client_name, user_id, user_name, connection, connection_id,
                           description, hostname, ip, organization_id, strategy, strategy_type, user_agent, audience, transfer_id)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
    on conflict (tenant_id, log_row_id) do nothing)sql"};
// Locks the cursor: who indexes a row next knows whether streams may have gone past it.
constexpr sql::Statement kLockCursor{"logs.lock_cursor", R"sql(
    update log_cursors set indexed_up_to = indexed_up_to where tenant_id = $1 returning indexed_up_to)sql"};
constexpr sql::Statement kLeaveToStreams{"logs.leave_to_streams", R"sql(
    insert into late_log_rows (tenant_id, log_stream_id, log_row_id)
    select tenant_id, log_stream_id, $2 from log_streams where tenant_id = $1
    on conflict (tenant_id, log_stream_id, log_row_id) do nothing)sql"};
constexpr sql::Statement kMoveCursor{"logs.move_cursor", R"sql(
    insert into log_cursors (tenant_id, indexed_up_to) values ($1, $2)
    on conflict (tenant_id) do update set indexed_up_to = excluded.indexed_up_to
     where log_cursors.indexed_up_to < excluded.indexed_up_to)sql"};

// The scans of a search: one index each, both directions, a range of row ids. Macros, because a Statement is a literal.
#define SEGUE_LOG_COLUMNS                                                                                                        \
  "select log_row_id, date, type, client_id, client_name, user_id, user_name, connection, connection_id, description, hostname," \
  " ip, organization_id, strategy, strategy_type, user_agent, audience, transfer_id from log_index where tenant_id = $1"
#define SEGUE_LOG_RANGE " and log_row_id >= $2 and log_row_id <= $3"
constexpr sql::Statement kNewestAll{"logs.newest_all", SEGUE_LOG_COLUMNS SEGUE_LOG_RANGE " order by log_row_id desc limit $4"};
constexpr sql::Statement kOldestAll{"logs.oldest_all", SEGUE_LOG_COLUMNS SEGUE_LOG_RANGE " order by log_row_id limit $4"};
// The ids come from an index that holds them whole. In one select SQLite goes through the primary key instead, for its order.
#define SEGUE_LOG_IDS(column, order)                                                                        \
  SEGUE_LOG_COLUMNS " and log_row_id in (select log_row_id from log_index where tenant_id = $1 and " column \
                    " = $5" SEGUE_LOG_RANGE " order by " order " limit $4) order by " order
#define SEGUE_LOG_SCANS(suffix, column)                                                                       \
  constexpr sql::Statement kNewest##suffix{"logs.newest_" #suffix, SEGUE_LOG_IDS(column, "log_row_id desc")}; \
  constexpr sql::Statement kOldest##suffix{"logs.oldest_" #suffix, SEGUE_LOG_IDS(column, "log_row_id")};
SEGUE_LOG_SCANS(OfTransfer, "transfer_id")
SEGUE_LOG_SCANS(OfUser, "user_id")
SEGUE_LOG_SCANS(OfClient, "client_id")
SEGUE_LOG_SCANS(OfIp, "ip")
SEGUE_LOG_SCANS(OfType, "type")
#undef SEGUE_LOG_SCANS
#undef SEGUE_LOG_IDS
#define SEGUE_LOG_PREFIX(name, column)      \
  constexpr sql::Statement kPrefixOf##name{ \
      "logs.prefix_of_" #name, SEGUE_LOG_COLUMNS " and " column " >= $2 and " column " < $3 order by " column " limit $4"};
SEGUE_LOG_PREFIX(Transfer, "transfer_id")
SEGUE_LOG_PREFIX(User, "user_id")
SEGUE_LOG_PREFIX(Client, "client_id")
SEGUE_LOG_PREFIX(Ip, "ip")
#undef SEGUE_LOG_PREFIX
#undef SEGUE_LOG_RANGE
#undef SEGUE_LOG_COLUMNS

// The columns of a scan, by number.
constexpr int kDateColumn = 1;
constexpr int kLogIdColumn = 0;  // the row id, read as a log id
constexpr std::array<std::string_view, 18> kColumns = {
    "log_id",          "date",       "type",          "client_id",   "client_name", "user_id",
    "user_name",       "connection", "connection_id", "description", "hostname",    "ip",
    "organization_id", "strategy",   "strategy_type", "user_agent",  "audience",    "transfer_id"};

std::optional<int> column_of(std::string_view field) {
  const auto* const found = std::find(kColumns.begin(), kColumns.end(), field);
  if (found == kColumns.end()) return std::nullopt;
  return static_cast<int>(found - kColumns.begin());
}

// Equality on an indexed column. The more a column's values tell rows apart, the earlier it stands.
struct Driver {
  std::string_view field;
  const sql::Statement& newest;
  const sql::Statement& oldest;
};
const std::array<Driver, 5> kDrivers = {{{"transfer_id", kNewestOfTransfer, kOldestOfTransfer},
                                         {"user_id", kNewestOfUser, kOldestOfUser},
                                         {"client_id", kNewestOfClient, kOldestOfClient},
                                         {"ip", kNewestOfIp, kOldestOfIp},
                                         {"type", kNewestOfType, kOldestOfType}}};

// A prefix of one.
struct PrefixDriver {
  std::string_view field;
  const sql::Statement& statement;
};
const std::array<PrefixDriver, 4> kPrefixDrivers = {
    {{"transfer_id", kPrefixOfTransfer}, {"user_id", kPrefixOfUser}, {"client_id", kPrefixOfClient}, {"ip", kPrefixOfIp}}};

bool matches_pattern(std::string_view text, std::string_view pattern) {
  const auto first = pattern.find('*');
  if (first == std::string_view::npos) return text == pattern;
  if (!text.starts_with(pattern.substr(0, first))) return false;
  text.remove_prefix(first);
  pattern.remove_prefix(first + 1);
  for (auto star = pattern.find('*'); star != std::string_view::npos; star = pattern.find('*')) {
    const auto at = text.find(pattern.substr(0, star));
    if (at == std::string_view::npos) return false;
    text.remove_prefix(at + star);
    pattern.remove_prefix(star + 1);
  }
  return text.ends_with(pattern);
}

template <class T>
bool in_order(const T& value, Term::Op op, const T& bound) {
  using enum Term::Op;
  if (op == at_least) return value >= bound;
  if (op == above) return value > bound;
  if (op == at_most) return value <= bound;
  if (op == below) return value < bound;
  return value == bound;
}

// A term, ready for many rows.
struct Check {
  const Term& term;
  int column;
  std::optional<base::Instant> time;

  bool holds(const sql::Row& row) const { return plain(row) != term.negated; }

 private:
  bool plain(const sql::Row& row) const {
    using enum Term::Op;
    if (column == kDateColumn) {
      if (term.op == any) return true;
      if (term.op != prefix && term.op != pattern) return time && in_order(row.instant(column), term.op, *time);
      return text_holds(base::to_iso8601(row.instant(column)));
    }
    if (column == kLogIdColumn) return text_holds(log_id_of(row.row_id(column)));
    return text_holds(row.text(column));
  }
  bool text_holds(std::string_view text) const {
    using enum Term::Op;
    if (term.op == any) return !text.empty();
    if (term.op == prefix) return text.starts_with(term.value);
    if (term.op == pattern) return matches_pattern(text, term.value);
    return in_order(text, term.op, std::string_view(term.value));
  }
};

struct Range {
  std::int64_t first = 0;
  std::int64_t last = std::numeric_limits<std::int64_t>::max();
};

// All of these must hold.
struct Conjunction {
  std::vector<Check> checks;
  Range range;                                  // no row outside can match
  const Driver* driver = nullptr;               // null: none of the terms is an equality that has an index
  const PrefixDriver* prefix_driver = nullptr;  // then perhaps this
  std::string_view driver_value;                // of either

  bool holds(const sql::Row& row) const {
    return std::all_of(checks.begin(), checks.end(), [&](const Check& c) { return c.holds(row); });
  }
};

// A row's id is made after its date was read: later by what the failure queue and a retry take, and earlier by no more than the
// clocks of two nodes may differ. Far less than this.
constexpr base::Duration kDateSlack = std::chrono::minutes(5);

void narrow(Range& range, const Check& check) {
  using enum Term::Op;
  const auto op = check.term.op;
  if (check.term.negated || op == prefix || op == pattern || op == any) return;
  const bool from = op == equals || op == at_least || op == above;
  const bool to = op == equals || op == at_most || op == below;
  if (check.column == kDateColumn && check.time) {
    if (from) range.first = std::max(range.first, base::to_integer(base::IdGenerator::first_at(*check.time - kDateSlack)));
    if (to) range.last = std::min(range.last, base::to_integer(base::IdGenerator::first_at(*check.time + kDateSlack)));
  } else if (check.column == kLogIdColumn) {
    const auto id = row_id_of(check.term.value);
    if (!id) return;
    if (from) range.first = std::max(range.first, base::to_integer(*id));
    if (to) range.last = std::min(range.last, base::to_integer(*id));
  }
}

Conjunction prepare(const std::vector<Term>& terms) {
  Conjunction out;
  for (const auto& term : terms) {
    const auto column = column_of(term.field);
    if (!column) throw base::Bug("logs cannot be searched by " + term.field);
    out.checks.push_back({term, *column, *column == kDateColumn ? base::from_iso8601(term.value) : std::nullopt});
    narrow(out.range, out.checks.back());
    if (term.op == Term::Op::prefix && !term.negated && !term.value.empty() && out.driver == nullptr) {
      for (const auto& driver : kPrefixDrivers) {
        if (driver.field != term.field || (out.prefix_driver != nullptr && out.prefix_driver <= &driver)) continue;
        out.prefix_driver = &driver;
        out.driver_value = term.value;
      }
    }
    if (term.op != Term::Op::equals || term.negated) continue;
    for (const auto& driver : kDrivers) {
      // The drivers stand in one array: the smaller address is the more selective one.
      if (driver.field != term.field || (out.driver != nullptr && out.driver <= &driver)) continue;
      out.driver = &driver;
      out.driver_value = term.value;
    }
  }
  return out;
}

// How much a search may still look at.
struct Budget {
  std::int64_t rows = kLookedAt;
};

// Goes through one index in order, in chunks, until `wanted` rows matched one of the conjunctions, or the budget is spent.
std::vector<std::int64_t> scan(const Reader& r, const sql::Statement& statement, std::optional<std::string_view> driver_value,
                               const std::vector<const Conjunction*>& any_of, Range range, Order order, std::size_t wanted,
                               Budget& budget) {
  constexpr std::int64_t kLargestChunk = 4096;
  std::vector<std::int64_t> matches;
  auto chunk = static_cast<std::int64_t>(wanted);
  while (range.first <= range.last && matches.size() < wanted) {
    std::int64_t read = 0, last_id = 0;
    const auto on_row = [&](const sql::Row& row) {
      ++read;
      last_id = row.integer(0);
      if (matches.size() >= wanted) return;
      const bool holds =
          any_of.empty() || std::any_of(any_of.begin(), any_of.end(), [&](const auto* c) { return c->holds(row); });
      if (holds) matches.push_back(last_id);
    };
    std::vector<sql::Param> params = {r.tenant, range.first, range.last, chunk};
    if (driver_value) params.emplace_back(*driver_value);
    r.connection.run(statement, params, on_row);
    budget.rows -= read;
    if (read < chunk || budget.rows < 0) break;
    if (order == Order::newest_first) range.last = last_id - 1;
    if (order == Order::oldest_first) range.first = last_id + 1;
    chunk = std::min(chunk * 2, kLargestChunk);
  }
  return matches;
}

Range whole_of(const std::vector<const Conjunction*>& any_of) {
  if (any_of.empty()) return {};
  Range out = any_of.front()->range;
  for (const auto* c : any_of) {
    out.first = std::min(out.first, c->range.first);
    out.last = std::max(out.last, c->range.last);
  }
  return out;
}

// All rows that match a conjunction with a prefix of an indexed column, when few rows have that prefix: its index tells them, in
// no order of time. Nothing when there are many; then they are met soon by going through all rows. SQLite only: the order of an
// index of PostgreSQL is the database's collation, which need not keep prefixes together.
std::optional<std::vector<std::int64_t>> matching_prefix(const Reader& r, const Conjunction& c, Budget& budget) {
  constexpr std::int64_t kFew = 5'000;
  if (c.prefix_driver == nullptr || r.connection.engine() != sql::Engine::sqlite) return std::nullopt;
  // No byte of UTF-8 is as large.
  const auto end = std::string(c.driver_value) + '\xFF';
  std::vector<std::int64_t> matches;
  std::int64_t read = 0;
  // Not within the range of ids: rows outside it would be read and not counted.
  const std::vector<sql::Param> params = {r.tenant, c.driver_value, end, kFew};
  r.connection.run(c.prefix_driver->statement, params, [&](const sql::Row& row) {
    ++read;
    if (c.holds(row)) matches.push_back(row.integer(0));
  });
  budget.rows -= read;
  if (read == kFew) return std::nullopt;
  return matches;
}

// The ids of the first `wanted` matching rows. Nothing when the budget was spent before they were found.
std::optional<std::vector<std::int64_t>> matching(const Reader& r, const Query& query, std::size_t wanted) {
  Budget budget;
  std::vector<Conjunction> conjunctions;
  std::vector<const Conjunction*> all;
  conjunctions.reserve(query.any_of.size());
  for (const auto& terms : query.any_of) conjunctions.push_back(prepare(terms));
  for (const auto& c : conjunctions) all.push_back(&c);

  const bool newest = query.order == Order::newest_first;
  std::vector<std::int64_t> ids;
  std::vector<const Conjunction*> ordered, whole;  // with an index in order of time, and without any
  for (const auto* c : all) {
    if (c->driver != nullptr) {
      ordered.push_back(c);
    } else if (const auto found = matching_prefix(r, *c, budget)) {
      ids.insert(ids.end(), found->begin(), found->end());
    } else {
      whole.push_back(c);
    }
  }
  // One conjunction without an index reads the range whole: then it reads it for all of them.
  if (!whole.empty() || all.empty()) {
    auto found = scan(r, newest ? kNewestAll : kOldestAll, std::nullopt, all, whole_of(all), query.order, wanted, budget);
    if (budget.rows < 0 && found.size() < wanted) return std::nullopt;
    return found;
  }
  for (const auto* c : ordered) {
    const auto found =
        scan(r, newest ? c->driver->newest : c->driver->oldest, c->driver_value, {c}, c->range, query.order, wanted, budget);
    if (budget.rows < 0 && found.size() < wanted) return std::nullopt;
    ids.insert(ids.end(), found.begin(), found.end());
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  if (newest) std::reverse(ids.begin(), ids.end());
  return ids;
}

}  // namespace

void append(const Writer& w, std::string_view type, std::string_view transfer_id, std::string_view record) {
  w.connection.execute(kAppend, {w.tenant, w.ids.next(), type, transfer_id, record});
}

std::vector<Row> list_unindexed(const Reader& r, base::RowId settled, int limit) {
  // On SQLite ids are made by the one writer, so they commit in order. On PostgreSQL a row may commit late.
  constexpr std::int64_t kLateMillis = 10'000;
  const auto look_back = r.connection.engine() == sql::Engine::postgres ? kLateMillis << 22 : 0;
  const auto cursor = r.connection.maybe_one(kCursor, {r.tenant}, [](const sql::Row& row) { return row.integer(0); }).value_or(0);
  const auto after = std::max<std::int64_t>(0, cursor - look_back);
  return r.connection.list(kListUnindexed, {r.tenant, after, settled, limit}, [](const sql::Row& row) {
    return Row{.log_row_id = row.row_id(0), .type = row.string(1), .transfer_id = row.string(2), .record = row.string(3)};
  });
}

void index(const Writer& w, const std::vector<IndexedFields>& rows, base::RowId indexed_up_to) {
  const auto reached =
      w.connection.maybe_one(kLockCursor, {w.tenant}, [](const sql::Row& row) { return row.row_id(0); }).value_or(base::RowId{});
  for (const auto& f : rows) {
    const bool inserted =
        w.connection.execute(kIndex, {w.tenant, f.log_row_id, f.date, f.type, f.client_id, f.client_name, f.user_id, f.user_name,
                                      f.connection, f.connection_id, f.description, f.hostname, f.ip, f.organization_id,
                                      f.strategy, f.strategy_type, f.user_agent, f.audience, f.transfer_id}) == 1;
    if (inserted && f.log_row_id <= reached) w.connection.execute(kLeaveToStreams, {w.tenant, f.log_row_id});
  }
  w.connection.execute(kMoveCursor, {w.tenant, indexed_up_to});
}

bool is_searchable(std::string_view field) { return column_of(field).has_value(); }

std::optional<std::vector<Found>> search(const Reader& r, const Query& query, int page, int per_page) {
  const auto first = static_cast<std::int64_t>(page) * per_page;
  const auto end = std::min<std::int64_t>(first + per_page, kReachable);
  if (page < 0 || per_page <= 0 || first >= end) return std::vector<Found>();
  const auto ids = matching(r, query, static_cast<std::size_t>(end));
  if (!ids) return std::nullopt;
  std::vector<Found> out;
  for (auto i = static_cast<std::size_t>(first); i < std::min(ids->size(), static_cast<std::size_t>(end)); ++i) {
    const auto id = (*ids)[i];
    auto record = r.connection.maybe_one(kFind, {r.tenant, id}, [](const sql::Row& row) { return row.string(0); });
    if (record) out.push_back({log_id_of(base::RowId(id)), std::move(*record)});
  }
  return out;
}

std::vector<Found> list_after(const Reader& r, std::string_view from_log_id, int take) {
  const auto from = from_log_id.empty() ? base::RowId{} : row_id_of(from_log_id);
  if (!from || take <= 0) return {};
  std::vector<Found> out;
  for (auto& row : list_settled(r, *from, take)) out.push_back({log_id_of(row.log_row_id), std::move(row.record)});
  return out;
}

std::optional<Found> find(const Reader& r, std::string_view log_id) {
  const auto id = row_id_of(log_id);
  if (!id) return std::nullopt;
  return r.connection.maybe_one(
      kFind, {r.tenant, *id}, [&](const sql::Row& row) { return Found{.log_id = std::string(log_id), .record = row.string(0)}; });
}

std::vector<Row> list_settled(const Reader& r, base::RowId after, int limit) {
  return r.connection.list(kListSettled, {r.tenant, after, limit}, [](const sql::Row& row) {
    return Row{.log_row_id = row.row_id(0), .type = row.string(1), .transfer_id = row.string(2), .record = row.string(3)};
  });
}

bool has_older(const Reader& r, base::RowId before) { return r.connection.execute(kHasOlder, {r.tenant, before}) > 0; }

std::int64_t sweep(const Writer& w, base::RowId before, int most) {
  w.connection.execute(kSweepIndex, {w.tenant, before, most});
  w.connection.execute(kSweepLate, {w.tenant, before});
  return w.connection.execute(kSweep, {w.tenant, before, most});
}

std::string log_id_of(base::RowId id) {
  return fmt::format("900{}{:036}", base::to_compact_digits(base::IdGenerator::time_of(id)), base::to_integer(id));
}

std::optional<base::RowId> row_id_of(std::string_view log_id) {
  constexpr std::size_t kTimeDigits = 20, kIdDigits = 36;
  if (log_id.size() != kTimeDigits + kIdDigits) return std::nullopt;
  auto digits = log_id.substr(kTimeDigits);
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
  const auto number = digits.empty() ? std::nullopt : base::parse_integer(digits);
  if (!number || log_id_of(base::RowId(*number)) != log_id) return std::nullopt;
  return base::RowId(*number);
}

}  // namespace segue::store::logs
