#include "app/account_worker.h"

#include <pthread.h>

#include <exception>

#include "base/log.h"
#include "oauth/actions/deferred_runs.h"

namespace segue::app {
namespace {

// How late a row is noticed at most: a look is one step in an index.
constexpr auto kAccountInterval = std::chrono::milliseconds(500);
constexpr int kDeferredRunThreads = 4;  // each waits for an Action
constexpr int kMailThreads = 2;         // each waits for a mail server

}  // namespace

AccountWorker::AccountWorker(Product& product, std::function<bool()> is_paused)
    : product_(product), is_paused_(std::move(is_paused)) {
  for (int i = 0; i < kDeferredRunThreads; ++i) {
    threads_.emplace_back([this] {
      ::pthread_setname_np(::pthread_self(), "account-actions");
      loop("run deferred Actions", [this] { return product_.deferred_runs().run_one(); });
    });
  }
  start_mails();
}

void AccountWorker::start_mails() {
  for (int i = 0; i < kMailThreads; ++i) {
    threads_.emplace_back([this] {
      ::pthread_setname_np(::pthread_self(), "mails");
      loop("send mails", [this] { return product_.mails().send_one(); });
    });
  }
}

void AccountWorker::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (auto& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void AccountWorker::loop(const char* what, const std::function<bool()>& work) {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kAccountInterval, [this] { return stopping_.load(); })) {
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
