#include "app/background_threads.h"

#include <pthread.h>

#include <exception>

#include "base/log.h"

namespace segue::app {

void BackgroundThreads::add(std::string thread, std::string job, base::Duration interval, Work work) {
  threads_.emplace_back([this, thread = std::move(thread), job = std::move(job), interval, work = std::move(work)] {
    ::pthread_setname_np(::pthread_self(), thread.c_str());
    loop(job, interval, work);
  });
}

void BackgroundThreads::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (auto& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void BackgroundThreads::loop(const std::string& job, base::Duration interval, const Work& work) {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, interval, [this] { return stopping_; })) {
    for (bool more = true; more && !stopping_;) {
      lock.unlock();
      try {
        const BackgroundGate::Turn turn(gate_);
        more = turn && work();
      } catch (const std::exception& fault) {
        base::log::error("a background job failed", {{"job", job}, {"what", fault.what()}});
        more = false;
      }
      lock.lock();
    }
  }
}

}  // namespace segue::app
