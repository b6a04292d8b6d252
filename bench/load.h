// Closed-loop load: each thread has one connection and sends its next request when the last is answered.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "bench/https_client.h"
#include "bench/process_usage.h"

namespace segue::bench {

// One request of thread number `thread`; false when that thread has nothing left to send. Throws on an unexpected answer.
using Operation = std::function<bool(int thread, HttpsClient& client)>;

struct Measurement {
  std::size_t operations = 0;
  double wall_seconds = 0;
  double cpu_seconds = 0;        // the server's, while requests were answered
  double later_cpu_seconds = 0;  // the server's after the last answer, until its background work had caught up
  std::vector<float> latencies_ms;

  double rate() const { return static_cast<double>(operations) / wall_seconds; }
  double cpu_micros() const { return 1e6 * (cpu_seconds + later_cpu_seconds) / static_cast<double>(operations); }
  double later_micros() const { return 1e6 * later_cpu_seconds / static_cast<double>(operations); }
  double per_cpu_second() const { return static_cast<double>(operations) / (cpu_seconds + later_cpu_seconds); }
  double percentile(double fraction);
};

struct Load {
  const ProcessUsage& server;
  const Target& target;
  int threads = 32;
  bool waits_for_quiet = true;  // before and after, so that later work is counted

  // Adds to `sum`. Connecting is not measured.
  void run(const Operation& operation, double seconds, Measurement& sum) const;
};

}  // namespace segue::bench
