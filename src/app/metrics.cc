#include "app/metrics.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace segue::app {
namespace {

void gauge(std::string& out, std::string_view name, std::string_view type, std::string_view help, double value) {
  out += fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n{0} {3}\n", name, help, type, value);
}

}  // namespace

RequestCounters::RequestCounters(const http::Router& router) : router_(router) {
  for (std::size_t i = 0; i <= router.routes().size(); ++i) by_route_.push_back(std::make_unique<Classes>());
}

void RequestCounters::count(const http::Route* route, int status) {
  const auto index = route == nullptr ? by_route_.size() - 1 : static_cast<std::size_t>(route - router_.routes().data());
  const auto status_class = static_cast<std::size_t>(std::clamp(status / 100, 0, 5));
  (*by_route_[index])[status_class].fetch_add(1, std::memory_order_relaxed);
}

void RequestCounters::write(std::string& out) const {
  out += "# HELP segue_requests_total Answered requests by route and class of status.\n# TYPE segue_requests_total counter\n";
  for (std::size_t i = 0; i < by_route_.size(); ++i) {
    const bool known = i < router_.routes().size();
    for (std::size_t status_class = 1; status_class < 6; ++status_class) {
      const auto count = (*by_route_[i])[status_class].load(std::memory_order_relaxed);
      if (count == 0) continue;
      out += fmt::format("segue_requests_total{{method=\"{}\",route=\"{}\",status=\"{}xx\"}} {}\n",
                         known ? http::to_text(router_.routes()[i].method) : "", known ? router_.routes()[i].path : "none",
                         status_class, count);
    }
  }
}

std::uint64_t resident_bytes() {
  std::ifstream in("/proc/self/statm");
  std::uint64_t size = 0, resident = 0;
  in >> size >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::string write_metrics(const RequestCounters& requests, const Gauges& gauges) {
  std::string out;
  requests.write(out);
  gauge(out, "segue_open_connections", "gauge", "Connections that are open.",
        static_cast<double>(gauges.listener.open_connections));
  gauge(out, "segue_accepted_connections_total", "counter", "Connections accepted.",
        static_cast<double>(gauges.listener.accepted));
  gauge(out, "segue_refused_connections_total", "counter", "Connections closed at once.",
        static_cast<double>(gauges.listener.refused));
  gauge(out, "segue_timed_out_connections_total", "counter", "Connections that were too slow.",
        static_cast<double>(gauges.listener.timed_out));
  out += "# HELP segue_lane_queued Requests that wait for a thread of their lane.\n# TYPE segue_lane_queued gauge\n";
  out += fmt::format(
      "segue_lane_queued{{lane=\"quick\"}} {}\nsegue_lane_queued{{lane=\"hashing\"}} {}\nsegue_lane_queued{{lane=\"outbound\"}} "
      "{}\n",
      gauges.queued_quick, gauges.queued_hashing, gauges.queued_outbound);
  gauge(out, "segue_indexed_log_rows_total", "counter", "Tenant log rows made searchable.",
        static_cast<double>(gauges.indexed_log_rows));
  gauge(out, "segue_log_lag_seconds", "gauge", "Time since every log row was searchable.", gauges.log_lag_seconds);
  gauge(out, "segue_outbox_messages", "gauge", "Messages to relying parties that were not delivered yet, of all nodes.",
        static_cast<double>(gauges.outbox_messages));
  gauge(out, "segue_outbox_oldest_seconds", "gauge", "Age of the oldest of them.", gauges.outbox_oldest_seconds);
  gauge(out, "segue_ready", "gauge", "1 when /health says ready.", gauges.ready ? 1 : 0);
  gauge(out, "process_resident_memory_bytes", "gauge", "Resident memory.", static_cast<double>(resident_bytes()));
  return out;
}

}  // namespace segue::app
