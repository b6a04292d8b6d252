// Tells the sanitizers that a thread goes to another stack, which they would otherwise take for memory gone wrong. Nothing in
// other builds.
#pragma once
#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#elif defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

namespace segue::base {

#if defined(__SANITIZE_ADDRESS__)

class StackSwitch {
 public:
  static constexpr bool kIsWatched = true;
  void set_stack(const void* bottom, std::size_t size) { fiber_ = {bottom, size}; }
  void before_entering() { __sanitizer_start_switch_fiber(&thread_frames_, fiber_.bottom, fiber_.size); }
  void after_entering() { __sanitizer_finish_switch_fiber(thread_frames_, nullptr, nullptr); }
  void arrived() { __sanitizer_finish_switch_fiber(fiber_frames_, &thread_.bottom, &thread_.size); }
  void before_leaving() { __sanitizer_start_switch_fiber(&fiber_frames_, thread_.bottom, thread_.size); }
  void before_the_end() { __sanitizer_start_switch_fiber(nullptr, thread_.bottom, thread_.size); }

 private:
  struct Stack {
    const void* bottom = nullptr;
    std::size_t size = 0;
  };
  Stack fiber_, thread_;
  void* thread_frames_ = nullptr;
  void* fiber_frames_ = nullptr;
};

#elif defined(__SANITIZE_THREAD__)

// Inlined always: a function would be entered on one stack and left on the other, in ThreadSanitizer's own record of calls.
class StackSwitch {
 public:
  static constexpr bool kIsWatched = true;
  StackSwitch() : fiber_(__tsan_create_fiber(0)) {}
  StackSwitch(const StackSwitch&) = delete;
  StackSwitch& operator=(const StackSwitch&) = delete;
  ~StackSwitch() { __tsan_destroy_fiber(fiber_); }
  void set_stack(const void*, std::size_t) {}
  [[gnu::always_inline]] void before_entering() {
    thread_ = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(fiber_, 0);
  }
  // A fiber that ended comes back as it is, its calls still being left.
  [[gnu::always_inline]] void after_entering() {
    if (__tsan_get_current_fiber() != thread_) __tsan_switch_to_fiber(thread_, 0);
  }
  void arrived() {}
  [[gnu::always_inline]] void before_leaving() { __tsan_switch_to_fiber(thread_, 0); }
  void before_the_end() {}

 private:
  void* fiber_;
  void* thread_ = nullptr;
};

#else

class StackSwitch {
 public:
  static constexpr bool kIsWatched = false;
  void set_stack(const void*, std::size_t) {}
  void before_entering() {}
  void after_entering() {}
  void arrived() {}
  void before_leaving() {}
  void before_the_end() {}
};

#endif

}  // namespace segue::base
