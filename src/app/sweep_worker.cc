#include "app/sweep_worker.h"

#include <pthread.h>

#include <algorithm>
#include <exception>

#include "base/log.h"

namespace segue::app {
namespace {

constexpr auto kIdle = std::chrono::milliseconds(1000);
// After a step the requests have the database for so many times as long as it took, waiting for the writer included: the more
// there is to do, the slower the sweep.
constexpr int kRest = 4;
constexpr std::chrono::microseconds kLeastRest = std::chrono::milliseconds(5);

}  // namespace

SweepWorker::SweepWorker(Product& product, BackgroundGate& gate) : product_(product), gate_(gate) {
  thread_ = std::thread([this] {
    ::pthread_setname_np(::pthread_self(), "sweeper");
    loop();
  });
}

void SweepWorker::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void SweepWorker::loop() {
  const SystemTicker ticker;
  std::chrono::microseconds rest = kIdle;
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, rest, [this] { return stopping_; })) {
    rest = kIdle;
    lock.unlock();
    const auto began = ticker.elapsed();
    try {
      const BackgroundGate::Turn turn(gate_);
      if (turn && product_.sweep_step()) rest = std::max(kLeastRest, (ticker.elapsed() - began) * kRest);
    } catch (const std::exception& fault) {
      base::log::error("a background job failed", {{"job", "sweep"}, {"what", fault.what()}});
    }
    lock.lock();
  }
}

}  // namespace segue::app
