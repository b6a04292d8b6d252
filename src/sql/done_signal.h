// Many threads wait until one has done something, once. Two things make it cheaper than std::atomic::wait of libstdc++ 12: a
// waiter sleeps at once instead of yielding the processor some dozen times, which takes time from the very thread that is waited
// for; and all waiters are woken by one system call, so the first does not push the waker aside before it has woken the others.
#pragma once
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <limits>

namespace segue::sql {

class DoneSignal {
 public:
  // Returns after set(), and then sees all that its caller did before.
  void wait() {
    while (done_.load(std::memory_order_acquire) == 0) futex(FUTEX_WAIT_PRIVATE, 0);
  }
  void set() {
    done_.store(1, std::memory_order_release);
    futex(FUTEX_WAKE_PRIVATE, std::numeric_limits<std::int32_t>::max());
  }

 private:
  // Its outcome says nothing that done_ does not say: waits end early for several reasons.
  void futex(int operation, std::int32_t value) {
    static_assert(sizeof done_ == 4 && std::atomic<std::int32_t>::is_always_lock_free);
    ::syscall(SYS_futex, &done_, operation, value, nullptr, nullptr, 0);
  }

  std::atomic<std::int32_t> done_{0};
};

}  // namespace segue::sql
