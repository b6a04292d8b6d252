// Counters of this process in Prometheus' text format, for the operator port.
#pragma once
#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/lanes.h"
#include "http/router.h"
#include "http/transport/listener.h"

namespace segue::app {

class RequestCounters {
 public:
  // After the last route was added.
  explicit RequestCounters(const http::Router& router);
  // `route` null: no such path. Safe from every thread.
  void count(const http::Route* route, int status);
  void write(std::string& out) const;

 private:
  using Classes = std::array<std::atomic<std::uint64_t>, 6>;  // by status / 100
  const http::Router& router_;
  std::vector<std::unique_ptr<Classes>> by_route_;  // one more than there are routes: unknown paths
};

struct Gauges {
  http::transport::ListenerCounters listener;
  std::size_t queued_quick = 0, queued_hashing = 0, queued_outbound = 0;
  std::uint64_t indexed_log_rows = 0;
  double log_lag_seconds = 0;        // how long ago the indexer had nothing left to do
  std::int64_t outbox_messages = 0;  // that no relying party has taken yet
  double outbox_oldest_seconds = 0;  // since the oldest of them was written
  bool ready = false;
};
std::string write_metrics(const RequestCounters& requests, const Gauges& gauges);

// Memory that the process holds now.
std::uint64_t resident_bytes();

}  // namespace segue::app
