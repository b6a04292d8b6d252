#include "store/logs.h"

#include <fmt/format.h>

#include <algorithm>

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
