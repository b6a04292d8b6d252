// Tenant logs: append-only rows in the transaction that they tell of, and the search tables that the indexer fills (design §4).
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.h"

namespace segue::store::logs {

struct Row {
  base::RowId log_row_id{};
  std::string type, transfer_id, record;  // record: JSON of contract §7.1 without the ids
};
// On the hot path: one insert.
void append(const Writer& w, std::string_view type, std::string_view transfer_id, std::string_view record);

// For the indexer. `settled` is the newest id that may be indexed: ids of transactions still under way may be smaller than ids
// already committed, so the indexer stays a few seconds behind on PostgreSQL. Rows that committed later than that, because their
// transaction waited or their node's clock is behind, are still found for a while.
std::vector<Row> list_unindexed(const Reader& r, base::RowId settled, int limit);
// What the search tables hold of one row (contract §7.2). The log id follows from the row id.
struct IndexedFields {
  base::RowId log_row_id{};
  base::Instant date{};
  std::string type, client_id, client_name, user_id, user_name, connection, connection_id, description, hostname, ip,
      organization_id, strategy, strategy_type, user_agent, audience, transfer_id;
};
// Inserts what is not there yet and moves the cursor, never back. A row that the cursor had gone past before it committed is left
// to every log stream apart (store/log_streams.h).
void index(const Writer& w, const std::vector<IndexedFields>& rows, base::RowId indexed_up_to);

struct Found {
  std::string log_id;
  std::string record;
};
// A term of `q`: all must hold. Ops: equals; prefix (value*); pattern (each * stands for any text); any (field is not empty);
// at_least … below: bounds, compared as text, as times on `date`.
struct Term {
  enum class Op { equals, prefix, pattern, any, at_least, above, at_most, below } op = Op::equals;
  std::string field;  // a searchable field of contract §7.2, checked by the caller
  std::string value;  // on `date`: ISO 8601, but for prefix and pattern
  bool negated = false;
};
enum class Order { newest_first, oldest_first };
// OR of ANDs; empty: every row.
struct Query {
  std::vector<std::vector<Term>> any_of;
  Order order = Order::newest_first;
};
// Contract §7.2: results beyond the thousandth cannot be reached.
inline constexpr int kReachable = 1000;
// How many rows a search looks at. One that would need more has no answer: its terms have no index, and match too few rows.
inline constexpr std::int64_t kLookedAt = 100'000;
std::optional<std::vector<Found>> search(const Reader& r, const Query& query, int page, int per_page);
bool is_searchable(std::string_view field);

// Strictly newer than `from_log_id` (empty: from the start), in the order of log ids. Ends where the indexer stands: a reader's
// checkpoint must not run ahead of transactions that are still under way.
std::vector<Found> list_after(const Reader& r, std::string_view from_log_id, int take);
std::optional<Found> find(const Reader& r, std::string_view log_id);
// Newer than `after`, in order, up to where the indexer stands.
std::vector<Row> list_settled(const Reader& r, base::RowId after, int limit);

// Whether a row is older than `before`, and the removal of the oldest such rows, with what the search tables hold of them. At
// most `most`; returns how many.
bool has_older(const Reader& r, base::RowId before);
std::int64_t sweep(const Writer& w, base::RowId before, int most);

// "900" + 17 digits of time + the row id in 36 digits: sortable as text (contract §7.1).
std::string log_id_of(base::RowId id);
// The row that a log id names. Nothing when it is not one of ours.
std::optional<base::RowId> row_id_of(std::string_view log_id);

}  // namespace segue::store::logs
