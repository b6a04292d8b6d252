#include "logstreams/turn.h"

#include <algorithm>

#include "audit/event.h"
#include "base/log.h"
#include "outbound/receivers.h"

namespace segue::logstreams {
namespace {

namespace streams = store::log_streams;

constexpr int kRows = 200;
// Longer than a turn with one call beyond its budget takes: nobody else sends the same rows meanwhile.
constexpr auto kLease = std::chrono::seconds(30);
constexpr base::Duration kLongestPause = std::chrono::minutes(5);

// The administrator finds out from the log, too: the row waits there for the stream to be started again.
audit::Event suspension(const streams::Stream& stream, std::string_view problem) {
  audit::Event row;
  row.type = "w";
  row.description = "A log stream was suspended: its receiver failed for seven days.";
  row.details = json::object{{"log_stream_id", stream.log_stream_id}, {"error", problem}};
  return row;
}

}  // namespace

std::optional<Turn> begin_turn(tenancy::Tenants& tenants, base::TenantId tenant, std::string_view id, base::Instant now) {
  Turn turn{.tenant = tenant, .stream = {}, .leased_until = now + kLease};
  auto taken =
      tenants.store().write(tenant, [&](const store::Writer& w) { return streams::take(w, id, now, turn.leased_until); });
  if (!taken) return std::nullopt;
  turn.stream = std::move(*taken);
  return tenants.store().read(tenant, [&](const store::Reader& r) -> std::optional<Turn> {
    auto late = streams::list_late(r, id, kRows);
    turn.late = std::move(late.ids);
    turn.rows = std::move(late.rows);
    turn.late_rows = turn.rows.size();
    auto settled = store::logs::list_settled(r, turn.stream.delivered_up_to, kRows);
    turn.scanned_to = settled.empty() ? turn.stream.delivered_up_to : settled.back().log_row_id;
    std::move(settled.begin(), settled.end(), std::back_inserter(turn.rows));
    return std::move(turn);
  });
}

void end_turn(tenancy::Tenants& tenants, const Turn& turn, std::size_t delivered, std::string_view problem, base::Instant now) {
  const auto& stream = turn.stream;
  const bool all = delivered == turn.rows.size();
  auto up_to = stream.delivered_up_to;
  if (all) up_to = turn.scanned_to;
  if (!all && delivered > turn.late_rows) up_to = turn.rows[delivered - 1].log_row_id;
  const bool progressed = all || delivered > 0;
  const auto failures = progressed ? 1 : stream.failures + 1;
  const auto again_at = now + std::min(outbound::pause_after(failures), kLongestPause);
  // The operator mends a disk, and has no API to start the stream again with.
  const bool suspends = stream.type != streams::kOperator && !progressed && stream.failing_since &&
                        now - *stream.failing_since >= kFailsBeforeSuspension;
  const auto suspended = suspends ? std::optional(suspension(stream, problem)) : std::nullopt;

  const bool suspended_now = tenants.store().write(turn.tenant, [&](const store::Writer& w) {
    auto lease = turn.leased_until;
    if (progressed) {
      if (!streams::deliver(w, stream.log_stream_id, lease, up_to, now)) return false;
      if (delivered >= turn.late_rows) streams::remove_late(w, stream.log_stream_id, turn.late);
      lease = now;
    }
    if (problem.empty()) return false;
    if (!streams::fail(w, stream.log_stream_id, lease, problem, again_at, now)) return false;
    if (!suspended || !streams::suspend(w, stream.log_stream_id, again_at)) return false;
    audit::append(w, *suspended, now);
    return true;
  });
  if (suspended_now) base::log::warn("a log stream was suspended", {{"log_stream", stream.log_stream_id}});
}

}  // namespace segue::logstreams
