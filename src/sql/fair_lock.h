// A mutex that serves in the order of arrival, so that readers of an in-memory database cannot starve its writer.
#pragma once
#include <atomic>
#include <cstdint>
#include <thread>

namespace segue::sql {

class FairLock {
 public:
  void lock() {
    const std::uint32_t ticket = next_.fetch_add(1, std::memory_order_relaxed);
    for (auto now = serving_.load(std::memory_order_acquire); now != ticket; now = serving_.load(std::memory_order_acquire)) {
      serving_.wait(now, std::memory_order_acquire);
    }
    owner_.store(std::this_thread::get_id(), std::memory_order_relaxed);
  }
  void unlock() {
    owner_.store(std::thread::id(), std::memory_order_relaxed);
    serving_.fetch_add(1, std::memory_order_release);
    serving_.notify_all();
  }
  bool held_by_current_thread() const { return owner_.load(std::memory_order_relaxed) == std::this_thread::get_id(); }

 private:
  std::atomic<std::uint32_t> next_{0};
  std::atomic<std::uint32_t> serving_{0};
  std::atomic<std::thread::id> owner_{};
};

}  // namespace segue::sql
