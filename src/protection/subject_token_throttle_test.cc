#include "protection/subject_token_throttle.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "sql/database.h"
#include "store/schema.h"
#include "support/manual_clock.h"

namespace segue::protection {
namespace {

using namespace std::chrono_literals;

class SubjectTokenThrottleTest : public ::testing::Test {
 protected:
  SubjectTokenThrottleTest() { sql::migrate(*database, store::migrations()); }

  SubjectTokenCounted count(std::string_view address = "203.0.113.7", base::TenantId tenant = base::TenantId{1}) {
    return store.write(tenant, [&](const store::Writer& w) { return count_invalid_subject_token(w, address, clock.now()); });
  }
  bool is_throttled(std::string_view address = "203.0.113.7", base::TenantId tenant = base::TenantId{1}) {
    return store.read(tenant, [&](const store::Reader& r) { return is_subject_token_throttled(r, address, clock.now()); });
  }
  void use_up(std::string_view address = "203.0.113.7") {
    for (std::int64_t k = 0; k < kMostInvalidSubjectTokens; ++k) count(address);
  }

  std::unique_ptr<sql::Database> database = sql::open_database("sqlite::memory:");
  test::ManualClock clock;
  base::IdGenerator ids{clock, 1, clock.now()};
  store::Store store{*database, ids};
};

TEST_F(SubjectTokenThrottleTest, lets_ten_be_wrong_and_then_one_each_ten_minutes) {
  for (int k = 0; k < 9; ++k) EXPECT_EQ(count(), SubjectTokenCounted::one);
  EXPECT_FALSE(is_throttled());
  EXPECT_EQ(count(), SubjectTokenCounted::last);
  EXPECT_TRUE(is_throttled());
  EXPECT_EQ(count(), SubjectTokenCounted::beyond);
  clock.advance(10min - 1s);
  EXPECT_TRUE(is_throttled());
  clock.advance(1s);
  EXPECT_FALSE(is_throttled());
  EXPECT_EQ(count(), SubjectTokenCounted::last);
  EXPECT_TRUE(is_throttled());
}

TEST_F(SubjectTokenThrottleTest, forgets_all_of_them_after_a_hundred_minutes) {
  use_up();
  clock.advance(100min);
  for (int k = 0; k < 9; ++k) EXPECT_EQ(count(), SubjectTokenCounted::one);
  EXPECT_EQ(count(), SubjectTokenCounted::last);
}

TEST_F(SubjectTokenThrottleTest, keeps_addresses_and_tenants_apart_and_takes_a_network_of_ipv6_as_one) {
  use_up();
  EXPECT_FALSE(is_throttled("203.0.113.8"));
  EXPECT_FALSE(is_throttled("203.0.113.7", base::TenantId{2}));
  use_up("2001:db8::1");
  EXPECT_TRUE(is_throttled("2001:db8::2"));
}

TEST_F(SubjectTokenThrottleTest, tells_exactly_one_of_many_at_once_that_it_was_the_last) {
  std::atomic<int> ones{0}, lasts{0};
  std::vector<std::thread> threads;
  for (int k = 0; k < 32; ++k) {
    threads.emplace_back([&] {
      const auto counted = count();
      if (counted == SubjectTokenCounted::one) ++ones;
      if (counted == SubjectTokenCounted::last) ++lasts;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(ones, 9);
  EXPECT_EQ(lasts, 1);
}

}  // namespace
}  // namespace segue::protection
