#include "bench/load.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <latch>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace segue::bench {
namespace {

using Steady = std::chrono::steady_clock;
// Bounds what a run stores, whatever the machine can do.
constexpr std::size_t kMostOperationsPerThread = 20'000;

struct Worker {
  std::vector<float> latencies_ms;
  std::string failure;
};

void work(int number, HttpsClient& client, const Operation& operation, Steady::time_point deadline, std::atomic<bool>& failed,
          Worker& worker) {
  try {
    for (auto now = Steady::now(); now < deadline && !failed && worker.latencies_ms.size() < kMostOperationsPerThread;) {
      if (!operation(number, client)) return;
      const auto answered = Steady::now();
      worker.latencies_ms.push_back(std::chrono::duration<float, std::milli>(answered - now).count());
      now = answered;
    }
  } catch (const std::exception& fault) {
    worker.failure = fault.what();
    failed = true;
  }
}

}  // namespace

double Measurement::percentile(double fraction) {
  if (latencies_ms.empty()) return 0;
  const auto at = static_cast<std::ptrdiff_t>(fraction * static_cast<double>(latencies_ms.size() - 1));
  std::nth_element(latencies_ms.begin(), latencies_ms.begin() + at, latencies_ms.end());
  return latencies_ms[static_cast<std::size_t>(at)];
}

void Load::run(const Operation& operation, double seconds, Measurement& sum) const {
  std::vector<std::unique_ptr<HttpsClient>> clients;
  for (int number = 0; number < threads; number++) clients.push_back(std::make_unique<HttpsClient>(target));
  if (waits_for_quiet) server.wait_until_quiet();

  std::vector<Worker> workers(static_cast<std::size_t>(threads));
  std::atomic<bool> failed = false;
  const double cpu_before = server.cpu_seconds();
  const auto begin = Steady::now();
  const auto deadline = begin + std::chrono::duration_cast<Steady::duration>(std::chrono::duration<double>(seconds));
  {
    std::vector<std::jthread> running;
    for (int number = 0; number < threads; number++) {
      running.emplace_back([&, number] {
        work(number, *clients[static_cast<std::size_t>(number)], operation, deadline, failed,
             workers[static_cast<std::size_t>(number)]);
      });
    }
  }
  sum.wall_seconds += std::chrono::duration<double>(Steady::now() - begin).count();
  const double cpu_after = server.cpu_seconds();
  sum.cpu_seconds += cpu_after - cpu_before;
  if (waits_for_quiet) server.wait_until_quiet();
  sum.later_cpu_seconds += server.cpu_seconds() - cpu_after;

  for (const auto& worker : workers) {
    if (!worker.failure.empty()) throw std::runtime_error(worker.failure);
    sum.operations += worker.latencies_ms.size();
    sum.latencies_ms.insert(sum.latencies_ms.end(), worker.latencies_ms.begin(), worker.latencies_ms.end());
  }
}

}  // namespace segue::bench
