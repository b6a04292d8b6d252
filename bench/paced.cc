#include "bench/paced.h"

#include <chrono>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace segue::bench {
namespace {
using Steady = std::chrono::steady_clock;
}

Measurement run_paced(const Target& target, const Operation& operation, const Pace& pace, double seconds) {
  std::vector<std::unique_ptr<HttpsClient>> clients;
  for (int number = 0; number < pace.connections; number++) clients.push_back(std::make_unique<HttpsClient>(target));
  Measurement sum;
  std::string failure;
  std::mutex mutex;
  const auto count = static_cast<int>(seconds * pace.per_second);
  const auto begin = Steady::now();
  {
    std::vector<std::jthread> threads;
    for (int number = 0; number < pace.connections; number++) {
      threads.emplace_back([&, number] {
        std::vector<float> latencies_ms;
        try {
          for (int turn = number; turn < count; turn += pace.connections) {
            const auto due =
                begin + std::chrono::duration_cast<Steady::duration>(std::chrono::duration<double>(turn / pace.per_second));
            std::this_thread::sleep_until(due);
            operation(number, *clients[static_cast<std::size_t>(number)]);
            latencies_ms.push_back(std::chrono::duration<float, std::milli>(Steady::now() - due).count());
          }
        } catch (const std::exception& fault) {
          const std::scoped_lock lock(mutex);
          failure = fault.what();
        }
        const std::scoped_lock lock(mutex);
        sum.operations += latencies_ms.size();
        sum.latencies_ms.insert(sum.latencies_ms.end(), latencies_ms.begin(), latencies_ms.end());
      });
    }
  }
  sum.wall_seconds = std::chrono::duration<double>(Steady::now() - begin).count();
  if (!failure.empty()) throw std::runtime_error(failure);
  return sum;
}

}  // namespace segue::bench
