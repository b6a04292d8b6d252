#include "bench/sweep.h"

#include <cstdio>

#include "bench/stored.h"

namespace segue::bench {
namespace {

constexpr double kMostTimes = 1.5;

}  // namespace

void measure_sweep(ServerProcess& server, const std::string& database_url, std::int64_t sessions, const Row& row, Load load,
                   double seconds) {
  load.waits_for_quiet = false;
  Measurement swept, calm;
  load.run(row.operation, seconds, calm);
  server.stop();
  std::printf("\nStoring %lld ended sessions ...\n", static_cast<long long>(sessions));
  std::fflush(stdout);
  store_ended_sessions(database_url, sessions);
  server.start();  // a walk begins at once
  load.run(row.operation, seconds, swept);
  server.stop();
  const auto left = count_ended_sessions(database_url);
  server.start();
  const double times = swept.percentile(0.99) / calm.percentile(0.99);
  std::printf(
      "sweep of %lld ended sessions (%.0f rows/s removed%s) beside %d connections of \"%s\":\n"
      "  p50/p99 ms %.1f/%.1f without it, %.1f/%.1f in it: p99 %.2f times (aim <= %.1f, %s); %.0f against %.0f answers/s\n",
      static_cast<long long>(sessions), static_cast<double>(sessions - left) / seconds,
      left == 0 ? ", all before the end: store more" : "", load.threads, row.name.c_str(), calm.percentile(0.5),
      calm.percentile(0.99), swept.percentile(0.5), swept.percentile(0.99), times, kMostTimes,
      times <= kMostTimes ? "met" : "MISSED", swept.rate(), calm.rate());
}

}  // namespace segue::bench
