#include "logstreams/operator_stream.h"

#include "base/log.h"
#include "logstreams/turn.h"

namespace segue::logstreams {

namespace streams = store::log_streams;

bool OperatorStream::write_some() {
  if (!sink_) return false;
  const auto now = clock_.now();
  begin_tenants(now);
  std::vector<base::TenantId> due;
  tenants_.store().database().read([&](sql::Connection& connection) {
    due.clear();
    for (const auto& each : streams::list_due(connection, now)) {
      if (each.log_stream_id == streams::kOperator && begun_.contains(each.tenant)) due.push_back(each.tenant);
    }
  });
  for (const auto tenant : due) {
    const auto turn = begin_turn(tenants_, tenant, streams::kOperator, now);
    if (!turn) continue;
    const auto name = tenants_.snapshot(tenant)->tenant().name;
    std::string lines;
    for (const auto& row : turn->rows) lines += record_line(row, name) + '\n';
    const auto problem = sink_->write(lines);
    end_turn(tenants_, *turn, problem.empty() ? turn->rows.size() : 0, problem, clock_.now());
    if (problem.empty()) return true;
    base::log::error("log.stream cannot be written", {{"what", problem}});
  }
  return false;
}

// What was logged before the stream was switched on first is not written.
void OperatorStream::begin_tenants(base::Instant now) {
  for (const auto tenant : tenants_.list()) {
    if (begun_.contains(tenant)) continue;
    streams::Stream stream;
    stream.log_stream_id = stream.type = streams::kOperator;
    stream.delivered_up_to = base::IdGenerator::first_at(now);
    stream.next_attempt_at = stream.created_at = now;
    tenants_.store().write(tenant, [&](const store::Writer& w) { return streams::insert(w, stream); });
    begun_.insert(tenant);
  }
}

}  // namespace segue::logstreams
