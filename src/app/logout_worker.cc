#include "app/logout_worker.h"

#include <pthread.h>

#include <exception>
#include <optional>

#include "base/log.h"

namespace segue::app {
namespace {

// How late a revocation is noticed at most: a look is one step in an index.
constexpr auto kLookInterval = std::chrono::milliseconds(100);
constexpr auto kAfterFault = std::chrono::seconds(1);

// False when there was nothing to do, or the gate was closed, or the database could not be reached.
template <class Job>
bool attempt_job(BackgroundGate& gate, const char* what, bool& failed, Job job) {
  try {
    const BackgroundGate::Turn turn(gate);
    return turn && job();
  } catch (const std::exception& fault) {
    base::log::error("a background job failed", {{"job", what}, {"what", fault.what()}});
    failed = true;
    return false;
  }
}

}  // namespace

LogoutWorker::LogoutWorker(Product& product, BackgroundGate& gate) : product_(product), gate_(gate) {
  threads_.emplace_back([this] {
    ::pthread_setname_np(::pthread_self(), "revocations");
    walk();
  });
  for (int i = 0; i < kDeliveryThreads; ++i) {
    threads_.emplace_back([this] {
      ::pthread_setname_np(::pthread_self(), "logout-sender");
      send();
    });
  }
}

void LogoutWorker::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_walker_.notify_all();
  wake_senders_.notify_all();
  for (auto& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void LogoutWorker::walk() {
  std::unique_lock lock(mutex_);
  for (bool failed = false;;) {
    if (wake_walker_.wait_for(lock, failed ? kAfterFault : kLookInterval, [this] { return stopping_; })) return;
    failed = false;
    for (bool more = true; more && !stopping_;) {
      lock.unlock();
      more = attempt_job(gate_, "walk revocations", failed, [this] { return product_.walk_revocation(); });
      const bool due = attempt_job(gate_, "look into the outbox", failed, [this] { return product_.delivery().is_due(); });
      lock.lock();
      is_due_ = due;
      if (due) wake_senders_.notify_one();
    }
  }
}

void LogoutWorker::send() {
  std::optional<outbound::Client> client;  // made when there is something to send
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_senders_.wait(lock, [this] { return stopping_ || is_due_; });
    if (stopping_) return;
    lock.unlock();
    bool failed = false;
    const bool sent = attempt_job(gate_, "deliver logouts", failed, [&] {
      if (!client) client.emplace(product_.outbound());
      return product_.delivery().deliver_some(*client);
    });
    lock.lock();
    if (sent) {
      wake_senders_.notify_one();  // there may be more than one thread can do
    } else {
      is_due_ = false;  // until the walker has looked again
    }
  }
}

}  // namespace segue::app
