#include "base/fiber.h"

#include <cxxabi.h>

#include <algorithm>
#include <array>
#include <boost/context/fiber.hpp>
#include <boost/context/protected_fixedsize_stack.hpp>
#include <cstring>
#include <utility>

#include "base/stack_switch.h"

namespace segue::base {
namespace {

namespace context = boost::context;

// What a request needs (RSA and SQLite the most) is some ten kilobytes, of which only the touched pages take memory. The
// sanitizers' frames are several times as large. A guard page is behind it.
constexpr std::size_t kStackBytes = StackSwitch::kIsWatched ? 4 * 1024 * 1024 : 256 * 1024;

thread_local Fiber* running_fiber = nullptr;

// The exceptions that are being handled are counted per thread; each stack has its own (Itanium C++ ABI §2.2.2).
class HandledExceptions {
 public:
  void swap_with_threads() {
    auto* const of_thread = reinterpret_cast<std::byte*>(abi::__cxa_get_globals());
    std::swap_ranges(state_.begin(), state_.end(), of_thread);
  }

 private:
  struct Globals {
    void* caught;
    unsigned int uncaught;
  };
  std::array<std::byte, sizeof(Globals)> state_{};
};

}  // namespace

Fiber* Fiber::current() { return running_fiber; }

class FiberPool::Stackful final : public Fiber {
 public:
  explicit Stackful(FiberPool& pool) : pool_(pool) {
    context::protected_fixedsize_stack allocator(kStackBytes);
    const auto stack = allocator.allocate();
    switch_.set_stack(static_cast<std::byte*>(stack.sp) - stack.size, stack.size);
    inside_ = context::fiber(std::allocator_arg, context::preallocated(stack.sp, stack.size, stack), allocator,
                             [this](context::fiber&& outside) { return live(std::move(outside)); });
  }
  ~Stackful() override {
    over_ = true;
    enter();
  }

  void start(std::function<void()> task) {
    task_ = std::move(task);
    enter();
  }
  // On the thread's own stack: returns when the fiber is left.
  void enter() {
    running_fiber = this;
    exceptions_.swap_with_threads();
    switch_.before_entering();
    inside_ = std::move(inside_).resume();
    switch_.after_entering();
    exceptions_.swap_with_threads();
    running_fiber = nullptr;
  }
  bool has_work() const { return task_ != nullptr; }

  void suspend() override { leave(); }
  void wake() override { pool_.ask_for(*this); }

 private:
  context::fiber live(context::fiber&& outside) {
    outside_ = std::move(outside);
    switch_.arrived();
    while (!over_) {
      if (task_) task_();
      task_ = nullptr;
      leave();
    }
    switch_.before_the_end();
    return std::move(outside_);
  }
  void leave() {
    switch_.before_leaving();
    outside_ = std::move(outside_).resume();
    switch_.arrived();
  }

  FiberPool& pool_;
  StackSwitch switch_;
  HandledExceptions exceptions_;
  context::fiber inside_;   // where enter() goes
  context::fiber outside_;  // where leave() goes
  std::function<void()> task_;
  bool over_ = false;
};

FiberPool::FiberPool(std::size_t most, std::function<void()> ask) : most_(most), ask_(std::move(ask)) {}
FiberPool::~FiberPool() = default;

bool FiberPool::run(std::function<void()> task) {
  if (idle_.empty()) {
    if (fibers_.size() >= most_) return false;
    fibers_.push_back(std::make_unique<Stackful>(*this));
    idle_.push_back(fibers_.back().get());
  }
  // The one that ran last: its stack is in the caches.
  Stackful& fiber = *idle_.back();
  idle_.pop_back();
  fiber.start(std::move(task));
  if (!fiber.has_work()) idle_.push_back(&fiber);
  return true;
}

void FiberPool::run_woken() {
  {
    const std::scoped_lock lock(mutex_);
    running_.swap(woken_);
  }
  for (Stackful* fiber : running_) {
    fiber->enter();
    if (!fiber->has_work()) idle_.push_back(fiber);
  }
  running_.clear();
}

void FiberPool::ask_for(Stackful& woken) {
  bool first = false;
  {
    const std::scoped_lock lock(mutex_);
    first = woken_.empty();
    woken_.push_back(&woken);
  }
  if (first) ask_();
}

}  // namespace segue::base
