// One thread waits, once, for one other. std::atomic::wait of libstdc++ 12 yields the processor some dozen times before it
// sleeps, which takes time from the very thread that is waited for.
#pragma once
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>

namespace segue::sql {

class WakeOnce {
 public:
  // Returns after wake(), and then sees all that its caller did before.
  void wait() {
    while (woken_.load(std::memory_order_acquire) == 0) futex(&woken_, FUTEX_WAIT_PRIVATE, 0);
  }

  // The waiter may be gone, and this object with it, as soon as the store is seen: from there on only the address counts. A wake
  // of an address that another waits on by now is one more spurious wake, which every user of a futex has to bear.
  void wake() {
    std::atomic<std::uint32_t>* const address = &woken_;
    address->store(1, std::memory_order_release);
    futex(address, FUTEX_WAKE_PRIVATE, 1);
  }

 private:
  static void futex(std::atomic<std::uint32_t>* word, int operation, std::uint32_t value) {
    static_assert(sizeof *word == sizeof value && std::atomic<std::uint32_t>::is_always_lock_free);
    ::syscall(SYS_futex, word, operation, value, nullptr, nullptr, 0);
  }

  std::atomic<std::uint32_t> woken_{0};
};

}  // namespace segue::sql
