#include "app/database_clock.h"

#include <gtest/gtest.h>

#include "support/manual_clock.h"

namespace segue::app {
namespace {
using namespace std::chrono_literals;

struct ManualTicker final : Ticker {
  std::chrono::microseconds elapsed() const override { return passed; }
  std::chrono::microseconds passed = 7s;
};

struct DatabaseClockTest : ::testing::Test {
  void pass(base::Duration time) {
    wall.advance(time);
    ticker.passed += time;
  }
  test::ManualClock wall;
  ManualTicker ticker;
  const base::Instant start = wall.now();
};

TEST_F(DatabaseClockTest, goes_with_the_wall_clock) {
  DatabaseClock clock(wall, ticker, start - 8h);
  EXPECT_EQ(clock.now(), start);
  pass(90s);
  EXPECT_EQ(clock.now(), start + 90s);
  EXPECT_TRUE(clock.is_plausible());
}

TEST_F(DatabaseClockTest, never_starts_behind_what_the_database_has_seen) {
  DatabaseClock clock(wall, ticker, start + 1h);
  EXPECT_EQ(clock.now(), start + 1h);
  EXPECT_FALSE(clock.is_plausible());
  pass(10s);
  EXPECT_EQ(clock.now(), start + 1h + 10s);
}

TEST_F(DatabaseClockTest, goes_on_when_the_wall_clock_steps_back) {
  DatabaseClock clock(wall, ticker, start);
  wall.advance(-1h);
  pass(30s);
  EXPECT_EQ(clock.now(), start + 30s);
  EXPECT_FALSE(clock.is_plausible());
}

TEST_F(DatabaseClockTest, does_not_follow_a_jump_of_more_than_a_minute) {
  DatabaseClock clock(wall, ticker, start);
  wall.advance(61s);
  pass(1s);
  clock.observe(start);
  EXPECT_EQ(clock.now(), start + 1s);
  EXPECT_FALSE(clock.is_plausible());
}

TEST_F(DatabaseClockTest, follows_small_corrections_without_going_back) {
  DatabaseClock clock(wall, ticker, start);
  EXPECT_EQ(clock.now(), start);
  wall.advance(-2s);
  EXPECT_EQ(clock.now(), start);
  clock.observe(start);
  pass(3s);
  EXPECT_EQ(clock.now(), start + 1s);
  EXPECT_TRUE(clock.is_plausible());
}

TEST_F(DatabaseClockTest, answers_no_earlier_than_another_node_stored) {
  DatabaseClock clock(wall, ticker, start);
  clock.observe(start + 3s);
  EXPECT_EQ(clock.now(), start + 3s);
  clock.observe(start + 1h);
  EXPECT_EQ(clock.now(), start + 3s);
}

}  // namespace
}  // namespace segue::app
