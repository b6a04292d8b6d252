// Work that can wait without keeping a thread: it runs on a stack of its own, leaves it while it waits, and goes on there once it
// is woken, always on the same thread. What may be waited for this way says so: a commit (sql/sqlite_writer.h). Everything else
// that blocks, blocks the thread.
#pragma once
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace segue::base {

class Fiber {
 public:
  virtual ~Fiber() = default;
  // The fiber that runs here; null on a thread's own stack.
  static Fiber* current();
  // Called on the fiber: leaves it until wake(). Whoever suspends holds no lock, since the thread goes on with other work.
  virtual void suspend() = 0;
  // Lets it go on, soon, on its own thread. From any thread, once for each suspend(), which it may overtake.
  virtual void wake() = 0;
};

// The fibers of one thread. Only wake() may be called on another one.
class FiberPool {
 public:
  // `ask` makes the pool's thread call run_woken() soon. It is called on any thread, and not again before run_woken().
  FiberPool(std::size_t most, std::function<void()> ask);
  FiberPool(const FiberPool&) = delete;
  FiberPool& operator=(const FiberPool&) = delete;
  ~FiberPool();  // when no fiber has work; on any thread

  // Runs the task until it ends or first waits. False when `most` fibers have work: the task is then not run. What it throws
  // ends the process, as on a thread.
  bool run(std::function<void()> task);
  // Goes on with those that were woken.
  void run_woken();

 private:
  class Stackful;
  void ask_for(Stackful& woken);

  const std::size_t most_;
  const std::function<void()> ask_;
  std::vector<std::unique_ptr<Stackful>> fibers_;
  std::vector<Stackful*> idle_;
  std::vector<Stackful*> running_;  // of run_woken()
  std::mutex mutex_;
  std::vector<Stackful*> woken_;
};

}  // namespace segue::base
