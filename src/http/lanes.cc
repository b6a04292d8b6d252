#include "http/lanes.h"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "base/log.h"

namespace segue::http {
namespace {

// Below the process's own; low enough that a login storm leaves the other lanes their share of the processors.
constexpr int kHashingNiceness = 10;

void run_guarded(const std::function<void()>& task) {
  try {
    task();
  } catch (const std::exception& fault) {
    base::log::error("a lane task failed", {{"what", fault.what()}});
  } catch (...) {
    base::log::error("a lane task failed");
  }
}

}  // namespace

// Idle workers stand on a stack: the one that slept least is woken, so its stack and caches are warm. At most one worker is on
// its way at a time; it wakes the next if work is left. A burst of short tasks then costs few wake-ups, and tasks that wait still
// come to stand side by side. Threads start when there is work for them.
class WorkerPool {
 public:
  WorkerPool(const char* name, int threads, std::size_t queue_limit, int niceness)
      : name_(name),
        most_threads_(static_cast<std::size_t>(std::max(1, threads))),
        queue_limit_(queue_limit),
        niceness_(niceness) {
    workers_.reserve(most_threads_);
    idle_.reserve(most_threads_);
    const std::scoped_lock lock(mutex_);
    start_worker();
  }
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  ~WorkerPool() { drain(); }

  bool post(std::function<void()> task) {
    std::unique_lock lock(mutex_);
    // What a free worker is about to take does not wait.
    const std::size_t free = idle_.size() + (one_is_coming_ ? 1 : 0);
    if (stopping_ || !task || queue_.size() >= queue_limit_ + free) return false;
    queue_.push_back(std::move(task));
    Worker* const called = call_one();
    lock.unlock();
    if (called != nullptr) called->wake.notify_one();
    return true;
  }

  std::size_t queued() const {
    const std::scoped_lock lock(mutex_);
    return queue_.size();
  }

  void drain() {
    {
      const std::scoped_lock lock(mutex_);
      stopping_ = true;
      for (Worker* worker : idle_) {
        worker->called = true;
        worker->wake.notify_one();
      }
      idle_.clear();
    }
    const std::scoped_lock joining(join_mutex_);
    for (auto& worker : workers_) {
      if (worker->thread.joinable()) worker->thread.join();
    }
  }

 private:
  struct Worker {
    std::condition_variable wake;
    bool called = false;
    std::thread thread;
  };

  // With mutex_ held. The worker to notify, if any.
  Worker* call_one() {
    if (queue_.empty() || one_is_coming_) return nullptr;
    if (!idle_.empty()) {
      Worker* const worker = idle_.back();
      idle_.pop_back();
      worker->called = one_is_coming_ = true;
      return worker;
    }
    if (workers_.size() < most_threads_ && !stopping_) {
      try {
        start_worker();
      } catch (const std::system_error&) {
        // The system has no more threads: those that run will get to it.
      }
    }
    return nullptr;
  }

  // With mutex_ held.
  void start_worker() {
    workers_.push_back(std::make_unique<Worker>());
    try {
      workers_.back()->thread = std::thread([this, self = workers_.back().get()] { work(*self); });
      one_is_coming_ = true;
    } catch (...) {
      workers_.pop_back();
      throw;
    }
  }

  void work(Worker& self) {
    ::pthread_setname_np(::pthread_self(), name_);
    // Linux keeps niceness per thread; a refusal only costs fairness.
    if (niceness_ != 0) {
      const auto own = ::getpriority(PRIO_PROCESS, static_cast<id_t>(::getpid()));
      ::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), own + niceness_);
    }
    std::unique_lock lock(mutex_);
    one_is_coming_ = false;
    for (;;) {
      if (!queue_.empty()) {
        auto task = std::move(queue_.front());
        queue_.pop_front();
        Worker* const called = call_one();
        lock.unlock();
        if (called != nullptr) called->wake.notify_one();
        run_guarded(task);
        task = nullptr;
        lock.lock();
        continue;
      }
      if (stopping_) return;
      idle_.push_back(&self);
      self.wake.wait(lock, [&self] { return self.called; });
      self.called = one_is_coming_ = false;
    }
  }

  const char* const name_;
  const std::size_t most_threads_;
  const std::size_t queue_limit_;
  const int niceness_;
  mutable std::mutex mutex_;
  std::mutex join_mutex_;
  std::deque<std::function<void()>> queue_;
  std::vector<Worker*> idle_;
  std::vector<std::unique_ptr<Worker>> workers_;
  bool one_is_coming_ = false;
  bool stopping_ = false;
};

struct Lanes::Impl {
  explicit Impl(const LaneSizes& sizes)
      : quick("quick", sizes.quick_threads, sizes.queue_limit, 0),
        hashing("hashing", sizes.hashing_threads, std::max<std::size_t>(1, sizes.queue_limit / 16), kHashingNiceness),
        outbound("outbound", sizes.outbound_threads, std::max<std::size_t>(1, sizes.queue_limit / 16), 0) {}

  WorkerPool& of(Lane lane) { return lane == Lane::hashing ? hashing : lane == Lane::outbound ? outbound : quick; }

  WorkerPool quick, hashing, outbound;
};

Lanes::Lanes(const LaneSizes& sizes) : impl_(std::make_unique<Impl>(sizes)) {}
Lanes::~Lanes() = default;

bool Lanes::post(Lane lane, std::function<void()> task) { return impl_->of(lane).post(std::move(task)); }

std::size_t Lanes::queued(Lane lane) const { return impl_->of(lane).queued(); }

void Lanes::drain() {
  for (const auto lane : {Lane::quick, Lane::hashing, Lane::outbound}) impl_->of(lane).drain();
}

}  // namespace segue::http
