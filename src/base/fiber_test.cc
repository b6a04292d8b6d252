#include "base/fiber.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <stdexcept>
#include <string>
#include <thread>

namespace segue::base {
namespace {

// A thread's loop in the smallest form: it runs the pool whenever the pool asks.
class Loop {
 public:
  explicit Loop(std::size_t most) : pool(most, [this] { ask(); }) {}

  void ask() {
    const std::scoped_lock lock(mutex_);
    ++asked_;
    wanted_ = true;
    condition_.notify_one();
  }
  void run_until(const std::function<bool()>& done) {
    while (!done()) {
      {
        std::unique_lock lock(mutex_);
        condition_.wait(lock, [this] { return wanted_; });
        wanted_ = false;
      }
      pool.run_woken();
    }
  }
  int asked() {
    const std::scoped_lock lock(mutex_);
    return asked_;
  }

  FiberPool pool;

 private:
  std::mutex mutex_;
  std::condition_variable condition_;
  bool wanted_ = false;
  int asked_ = 0;
};

TEST(FiberTest, a_task_that_does_not_wait_ends_before_run_returns) {
  Loop loop(1);
  bool ended = false;
  Fiber* inside = nullptr;
  ASSERT_TRUE(loop.pool.run([&] {
    inside = Fiber::current();
    ended = true;
  }));
  EXPECT_TRUE(ended);
  EXPECT_NE(inside, nullptr);
  EXPECT_EQ(Fiber::current(), nullptr);
}

TEST(FiberTest, a_task_that_waits_gives_the_thread_back_and_ends_there_once_woken) {
  Loop loop(1);
  Fiber* waiting = nullptr;
  std::thread::id ended_on;
  ASSERT_TRUE(loop.pool.run([&] {
    waiting = Fiber::current();
    Fiber::current()->suspend();
    ended_on = std::this_thread::get_id();
  }));
  ASSERT_NE(waiting, nullptr);
  EXPECT_EQ(Fiber::current(), nullptr);
  std::thread other([&] { waiting->wake(); });
  loop.run_until([&] { return ended_on != std::thread::id(); });
  other.join();
  EXPECT_EQ(ended_on, std::this_thread::get_id());
}

TEST(FiberTest, a_fiber_may_be_woken_before_it_waits) {
  Loop loop(1);
  bool ended = false;
  ASSERT_TRUE(loop.pool.run([&] {
    std::thread([fiber = Fiber::current()] { fiber->wake(); }).join();
    Fiber::current()->suspend();
    ended = true;
  }));
  EXPECT_FALSE(ended);
  loop.run_until([&] { return ended; });
}

TEST(FiberTest, no_more_tasks_are_taken_than_the_pool_may_hold_until_one_ends) {
  Loop loop(2);
  std::deque<Fiber*> waiting;
  const auto wait_once = [&] {
    waiting.push_back(Fiber::current());
    Fiber::current()->suspend();
    waiting.pop_front();
  };
  ASSERT_TRUE(loop.pool.run(wait_once));
  ASSERT_TRUE(loop.pool.run(wait_once));
  bool ran = false;
  EXPECT_FALSE(loop.pool.run([&] { ran = true; }));
  EXPECT_FALSE(ran);
  waiting.front()->wake();
  loop.pool.run_woken();
  EXPECT_TRUE(loop.pool.run([&] { ran = true; }));
  EXPECT_TRUE(ran);
  waiting.front()->wake();
  loop.pool.run_woken();
  EXPECT_TRUE(waiting.empty());
}

TEST(FiberTest, those_woken_together_cost_one_call_of_the_loop) {
  Loop loop(8);
  std::vector<Fiber*> waiting;
  int ended = 0;
  for (int i = 0; i < 8; ++i) {
    ASSERT_TRUE(loop.pool.run([&] {
      waiting.push_back(Fiber::current());
      Fiber::current()->suspend();
      ++ended;
    }));
  }
  for (Fiber* fiber : waiting) fiber->wake();
  EXPECT_EQ(loop.asked(), 1);
  loop.run_until([&] { return ended == 8; });
}

TEST(FiberTest, a_fiber_that_waits_while_it_handles_an_exception_keeps_it_and_leaves_it_to_nobody_else) {
  Loop loop(2);
  std::vector<Fiber*> waiting;
  std::string seen;
  const auto handle = [&](const std::string& name) {
    try {
      throw std::runtime_error(name);
    } catch (...) {
      waiting.push_back(Fiber::current());
      Fiber::current()->suspend();
      try {
        std::rethrow_exception(std::current_exception());
      } catch (const std::exception& caught) {
        seen += caught.what();
      }
    }
    if (std::current_exception()) seen += "?";
  };
  ASSERT_TRUE(loop.pool.run([&] { handle("a"); }));
  EXPECT_EQ(std::current_exception(), nullptr);
  ASSERT_TRUE(loop.pool.run([&] { handle("b"); }));
  // In the order in which they threw, which is not that of a stack.
  for (Fiber* fiber : std::vector(waiting)) {
    fiber->wake();
    loop.pool.run_woken();
  }
  EXPECT_EQ(seen, "ab");
  EXPECT_EQ(std::current_exception(), nullptr);
}

TEST(FiberTest, an_exception_passes_through_the_frames_of_a_fiber) {
  Loop loop(1);
  std::string seen;
  ASSERT_TRUE(loop.pool.run([&] {
    try {
      throw std::runtime_error("from below");
    } catch (const std::exception& caught) {
      seen = caught.what();
    }
  }));
  EXPECT_EQ(seen, "from below");
}

TEST(FiberTest, fibers_of_two_threads_woken_by_a_third_each_stay_on_their_own) {
  constexpr int kRounds = 2000;
  std::mutex mutex;
  std::condition_variable condition;
  std::deque<Fiber*> waiting;
  int left = 2 * 16 * kRounds;
  std::thread waker([&] {
    while (left > 0) {
      std::deque<Fiber*> woken;
      {
        std::unique_lock lock(mutex);
        condition.wait(lock, [&] { return !waiting.empty(); });
        woken.swap(waiting);
      }
      left -= static_cast<int>(woken.size());
      for (Fiber* fiber : woken) fiber->wake();
    }
  });
  std::atomic<int> on_wrong_thread = 0;
  const auto work = [&] {
    Loop loop(16);
    int ended = 0;
    for (int i = 0; i < 16; ++i) {
      ASSERT_TRUE(loop.pool.run([&, own = std::this_thread::get_id()] {
        for (int round = 0; round < kRounds; ++round) {
          {
            const std::scoped_lock lock(mutex);
            waiting.push_back(Fiber::current());
            condition.notify_one();
          }
          Fiber::current()->suspend();
          if (std::this_thread::get_id() != own) ++on_wrong_thread;
        }
        ++ended;
      }));
    }
    loop.run_until([&] { return ended == 16; });
  };
  std::thread one(work), two(work);
  one.join();
  two.join();
  waker.join();
  EXPECT_EQ(on_wrong_thread, 0);
}

}  // namespace
}  // namespace segue::base
