// The search of the tenant log: which index is read in which order, and what is looked at row by row.
#include <algorithm>
#include <array>
#include <functional>
#include <limits>

#include "base/result.h"
#include "store/logs.h"

namespace segue::store::logs {
namespace {

constexpr sql::Statement kRecord{"logs.record", "select record from logs where tenant_id = $1 and log_row_id = $2"};
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
SEGUE_LOG_SCANS(OfAudience, "audience")
SEGUE_LOG_SCANS(OfType, "type")
#undef SEGUE_LOG_SCANS
#undef SEGUE_LOG_IDS
constexpr sql::Statement kRow{"logs.row", SEGUE_LOG_COLUMNS " and log_row_id = $2"};
// Of the index alone, which holds the ids.
#define SEGUE_LOG_PREFIX(name, column)                                                              \
  constexpr sql::Statement kPrefixOf##name{"logs.prefix_of_" #name,                                 \
                                           "select log_row_id from log_index where tenant_id = $1 " \
                                           "and " column " >= $2 and " column " < $3 order by " column " limit $4"};
SEGUE_LOG_PREFIX(Transfer, "transfer_id")
SEGUE_LOG_PREFIX(User, "user_id")
SEGUE_LOG_PREFIX(Client, "client_id")
SEGUE_LOG_PREFIX(Ip, "ip")
SEGUE_LOG_PREFIX(Audience, "audience")
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
const std::array<Driver, 6> kDrivers = {{{"transfer_id", kNewestOfTransfer, kOldestOfTransfer},
                                         {"user_id", kNewestOfUser, kOldestOfUser},
                                         {"client_id", kNewestOfClient, kOldestOfClient},
                                         {"ip", kNewestOfIp, kOldestOfIp},
                                         {"audience", kNewestOfAudience, kOldestOfAudience},
                                         {"type", kNewestOfType, kOldestOfType}}};

// A prefix of one.
struct PrefixDriver {
  std::string_view field;
  const sql::Statement& statement;
};
const std::array<PrefixDriver, 5> kPrefixDrivers = {{{"transfer_id", kPrefixOfTransfer},
                                                     {"user_id", kPrefixOfUser},
                                                     {"client_id", kPrefixOfClient},
                                                     {"ip", kPrefixOfIp},
                                                     {"audience", kPrefixOfAudience}}};

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
  const PrefixDriver* prefix_driver = nullptr;  // null: none is a prefix that has one
  std::string_view driver_value, prefix;

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
    if (term.op == Term::Op::prefix && !term.negated && !term.value.empty()) {
      for (const auto& driver : kPrefixDrivers) {
        if (driver.field != term.field || (out.prefix_driver != nullptr && out.prefix_driver <= &driver)) continue;
        out.prefix_driver = &driver;
        out.prefix = term.value;
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

// The ids under a prefix of an indexed column, in no order of time. Nothing when there are too many to put in order.
std::optional<std::vector<std::int64_t>> ids_of_prefix(const Reader& r, const Conjunction& c) {
  constexpr std::int64_t kMost = 100'000;
  // No byte of UTF-8 is as large.
  const auto end = std::string(c.prefix) + '\xFF';
  std::vector<std::int64_t> out;
  std::int64_t read = 0;
  // Not within the range in SQL: ids outside it would be read and not counted.
  const std::vector<sql::Param> params = {r.tenant, c.prefix, end, kMost};
  r.connection.run(c.prefix_driver->statement, params, [&](const sql::Row& row) {
    ++read;
    const auto id = row.integer(0);
    if (id >= c.range.first && id <= c.range.last) out.push_back(id);
  });
  if (read == kMost) return std::nullopt;
  return out;
}

// The first `wanted` of those rows that match, in order.
std::vector<std::int64_t> matching_of(const Reader& r, const Conjunction& c, std::vector<std::int64_t> ids, Order order,
                                      std::size_t wanted, Budget& budget) {
  const auto later = [order](std::int64_t a, std::int64_t b) { return order == Order::newest_first ? a < b : a > b; };
  // A page takes a few of many: a heap orders no more of them.
  std::make_heap(ids.begin(), ids.end(), later);
  std::vector<std::int64_t> matches;
  while (!ids.empty() && matches.size() < wanted && budget.rows >= 0) {
    std::pop_heap(ids.begin(), ids.end(), later);
    const auto id = ids.back();
    ids.pop_back();
    --budget.rows;
    const std::array<sql::Param, 2> params = {r.tenant, id};
    r.connection.run(kRow, params, [&](const sql::Row& row) {
      if (c.holds(row)) matches.push_back(id);
    });
  }
  return matches;
}

// A prefix that many rows have is met soon by going through the rows in order; one that few have is read from its index, which
// keeps no order of time. A short look at the rows tells which it is. Nothing: it is neither. SQLite only: the order of an index
// of PostgreSQL is the database's collation, which need not keep prefixes together.
std::optional<std::vector<std::int64_t>> matching_prefix(const Reader& r, const Conjunction& c, Order order, std::size_t wanted,
                                                         Budget& budget) {
  constexpr std::int64_t kRowsForOne = 20, kLongestLook = 4'000;
  if (c.prefix_driver == nullptr || r.connection.engine() != sql::Engine::sqlite) return std::nullopt;
  const auto most = std::min(kRowsForOne * static_cast<std::int64_t>(wanted), kLongestLook);
  Budget look{most};
  auto found = scan(r, order == Order::newest_first ? kNewestAll : kOldestAll, std::nullopt, {&c}, c.range, order, wanted, look);
  budget.rows -= most - look.rows;
  if (found.size() >= wanted || look.rows >= 0) return found;
  auto ids = ids_of_prefix(r, c);
  if (!ids) return std::nullopt;
  return matching_of(r, c, std::move(*ids), order, wanted, budget);
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
    // Types tell few rows apart: a prefix beside one is the better way in, if it has few enough.
    const bool by_prefix = c->driver == nullptr || (c->prefix_driver != nullptr && c->driver->field == "type");
    if (!by_prefix) {
      ordered.push_back(c);
    } else if (const auto found = matching_prefix(r, *c, query.order, wanted, budget)) {
      if (budget.rows < 0 && found->size() < wanted) return std::nullopt;
      ids.insert(ids.end(), found->begin(), found->end());
    } else if (c->driver != nullptr) {
      ordered.push_back(c);
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
    auto record = r.connection.maybe_one(kRecord, {r.tenant, id}, [](const sql::Row& row) { return row.string(0); });
    if (record) out.push_back({log_id_of(base::RowId(id)), std::move(*record)});
  }
  return out;
}

}  // namespace segue::store::logs
