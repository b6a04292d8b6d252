#include "bench/storm.h"

#include <cstdio>
#include <thread>

namespace segue::bench {
namespace {

// Few enough that the machine is not full without the storm.
constexpr int kTokenConnections = 4;
constexpr double kMostTimes = 3;  // design §7

Measurement measure_tokens(const Row& row, Load load, double seconds) {
  load.threads = kTokenConnections;
  Measurement out;
  load.run(row.operation, seconds, out);
  return out;
}

}  // namespace

void measure_storm(const World& world, const Row& row, const Load& load, double seconds) {
  auto calm = measure_tokens(row, load, seconds);
  Measurement sign_ins, stormy;
  Load unrested = load;
  unrested.waits_for_quiet = false;
  {
    // The storm begins before and ends after what is measured.
    const std::jthread storm([&] {
      unrested.run(
          [&](int thread, HttpsClient& client) {
            // A full lane answers 503, which is what it should do in a storm.
            const auto answer = world.sign_in(client, thread, world.native_client(), "openid");
            if (answer.status != 503) expect(200, answer);
            return true;
          },
          seconds + 1, sign_ins);
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    stormy = measure_tokens(row, unrested, seconds);
  }
  const double times = stormy.percentile(0.99) / calm.percentile(0.99);
  std::printf(
      "\nlogin storm (%d connections sign in, %.0f answers/s) beside %d connections of \"%s\":\n"
      "  p50/p99 ms %.1f/%.1f without it, %.1f/%.1f in it: p99 %.1f times (aim <= %.0f, %s)\n",
      load.threads, sign_ins.rate(), kTokenConnections, row.name.c_str(), calm.percentile(0.5), calm.percentile(0.99),
      stormy.percentile(0.5), stormy.percentile(0.99), times, kMostTimes, times <= kMostTimes ? "met" : "MISSED");
}

}  // namespace segue::bench
