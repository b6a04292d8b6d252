#include "app/log_stream_worker.h"

#include <pthread.h>

#include <exception>
#include <memory>

#include "base/log.h"

namespace segue::app {
namespace {

constexpr auto kStreamInterval = std::chrono::seconds(1);  // as the indexer, before which nothing is delivered

}  // namespace

LogStreamWorker::LogStreamWorker(Product& product, std::function<bool()> is_paused)
    : product_(product), is_paused_(std::move(is_paused)) {
  threads_.emplace_back([this] {
    ::pthread_setname_np(::pthread_self(), "operator-log");
    loop("write log.stream", [this] { return product_.operator_stream().write_some(); });
  });
  threads_.emplace_back([this] {
    ::pthread_setname_np(::pthread_self(), "jobs");
    loop("work on jobs", [this] { return product_.work_on_jobs(); });
  });
  for (int i = 0; i < kLogStreamThreads; ++i) {
    threads_.emplace_back([this] {
      ::pthread_setname_np(::pthread_self(), "log-streams");
      std::unique_ptr<outbound::Client> client;  // made when there is something to send
      loop("deliver log streams", [&] {
        if (!client && !product_.log_streams().is_due()) return false;
        if (!client) client = std::make_unique<outbound::Client>(product_.outbound());
        return product_.log_streams().deliver_some(*client);
      });
    });
  }
}

void LogStreamWorker::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (auto& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void LogStreamWorker::loop(const char* what, const std::function<bool()>& work) {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kStreamInterval, [this] { return stopping_; })) {
    if (is_paused_ && is_paused_()) continue;
    for (bool more = true; more && !stopping_;) {
      lock.unlock();
      try {
        more = work();
      } catch (const std::exception& fault) {
        base::log::error("a background job failed", {{"job", what}, {"what", fault.what()}});
        more = false;
      }
      lock.lock();
    }
  }
}

}  // namespace segue::app
