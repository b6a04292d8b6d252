#include "http/lanes.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <stdexcept>
#include <vector>

namespace segue::http {
namespace {

TEST(Lanes, run_every_task_once) {
  std::atomic<int> ran = 0;
  {
    Lanes lanes({.quick_threads = 8});
    for (int i = 0; i < 4000; ++i) ASSERT_TRUE(lanes.post(Lane::quick, [&] { ++ran; }));
  }
  EXPECT_EQ(ran, 4000);
}

TEST(Lanes, use_as_many_threads_as_they_are_given_and_no_more) {
  Lanes lanes({.quick_threads = 4});
  std::promise<void> gate;
  const auto opened = gate.get_future().share();
  std::atomic<int> inside = 0;
  std::promise<void> all_inside;
  for (int i = 0; i < 6; ++i) {
    lanes.post(Lane::quick, [&, opened] {
      if (++inside == 4) all_inside.set_value();
      opened.wait();
    });
  }
  all_inside.get_future().wait();
  EXPECT_EQ(inside, 4);
  EXPECT_EQ(lanes.queued(Lane::quick), 2U);
  gate.set_value();
  lanes.drain();
  EXPECT_EQ(inside, 6);
}

TEST(Lanes, refuse_when_full_and_leave_the_other_lanes_alone) {
  Lanes lanes({.hashing_threads = 1, .queue_limit = 32});
  std::promise<void> gate, started;
  const auto opened = gate.get_future().share();
  ASSERT_TRUE(lanes.post(Lane::hashing, [&, opened] {
    started.set_value();
    opened.wait();
  }));
  started.get_future().wait();
  EXPECT_TRUE(lanes.post(Lane::hashing, [] {}));
  EXPECT_TRUE(lanes.post(Lane::hashing, [] {}));
  EXPECT_FALSE(lanes.post(Lane::hashing, [] {}));  // a sixteenth of 32 wait
  std::promise<void> quick_ran;
  EXPECT_TRUE(lanes.post(Lane::quick, [&] { quick_ran.set_value(); }));
  quick_ran.get_future().wait();
  gate.set_value();
}

TEST(Lanes, survive_a_task_that_throws) {
  Lanes lanes({.quick_threads = 1});
  lanes.post(Lane::quick, [] { throw std::runtime_error("broken"); });
  lanes.post(Lane::quick, [] { throw 1; });
  std::promise<void> ran;
  lanes.post(Lane::quick, [&] { ran.set_value(); });
  ran.get_future().wait();
}

TEST(Lanes, give_hashing_less_of_the_processor) {
  Lanes lanes({});
  std::promise<int> niceness;
  lanes.post(Lane::hashing, [&] { niceness.set_value(::getpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)))); });
  EXPECT_GT(niceness.get_future().get(), ::getpriority(PRIO_PROCESS, static_cast<id_t>(::getpid())));
}

TEST(Lanes, refuse_after_draining) {
  Lanes lanes({});
  lanes.drain();
  EXPECT_FALSE(lanes.post(Lane::quick, [] {}));
}

}  // namespace
}  // namespace segue::http
