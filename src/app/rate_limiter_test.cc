#include "app/rate_limiter.h"

#include <gtest/gtest.h>

#include "support/manual_clock.h"

namespace segue::app {
namespace {
using namespace std::chrono_literals;

TEST(RateLimiter, refuses_what_exceeds_the_bucket_and_says_when_it_is_full_again) {
  test::ManualClock clock;
  RateLimiter limiter(clock, 2);
  const base::TenantId tenant{1};
  EXPECT_EQ(limiter.take(tenant).remaining, 1);
  EXPECT_TRUE(limiter.take(tenant).allowed);
  const auto refused = limiter.take(tenant);
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.limit, 2);
  EXPECT_EQ(refused.remaining, 0);
  EXPECT_GT(refused.reset, base::to_seconds(clock.now()));
  EXPECT_TRUE(limiter.take(base::TenantId{2}).allowed);
  clock.advance(500ms);
  EXPECT_TRUE(limiter.take(tenant).allowed);
  EXPECT_FALSE(limiter.take(tenant).allowed);
}

}  // namespace
}  // namespace segue::app
