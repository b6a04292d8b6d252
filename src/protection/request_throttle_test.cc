#include "protection/request_throttle.h"

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

constexpr base::TenantId kThrottled{1};
constexpr Throttle kThree{"three", 3, 60s}, kOthers{"others", 3, 60s};

struct RequestThrottle : ::testing::Test {
  RequestThrottle() { sql::migrate(*database, store::migrations()); }
  Throttled count(std::string_view address, base::TenantId tenant = kThrottled, const Throttle& throttle = kThree) {
    return store.write(tenant, [&](const store::Writer& w) { return count_address(w, throttle, address, clock.now()); });
  }
  bool is_over(std::string_view address, base::TenantId tenant = kThrottled) {
    return store.read(tenant, [&](const store::Reader& r) { return is_address_throttled(r, kThree, address, clock.now()); });
  }

  std::unique_ptr<sql::Database> database = sql::open_database("sqlite::memory:");
  test::ManualClock clock;
  base::IdGenerator ids{clock, 1, clock.now()};
  store::Store store{*database, ids};
};

TEST_F(RequestThrottle, lets_so_many_requests_of_an_address_through_and_then_none_until_its_window_is_over) {
  EXPECT_EQ(count("203.0.113.7"), Throttled::no);
  EXPECT_EQ(count("203.0.113.7"), Throttled::no);
  EXPECT_FALSE(is_over("203.0.113.7"));
  EXPECT_EQ(count("203.0.113.7"), Throttled::last);
  EXPECT_TRUE(is_over("203.0.113.7"));
  EXPECT_EQ(count("203.0.113.7"), Throttled::yes);
  clock.advance(60s);
  EXPECT_FALSE(is_over("203.0.113.7"));
  EXPECT_EQ(count("203.0.113.7"), Throttled::no);
}

TEST_F(RequestThrottle, counts_each_kind_address_and_tenant_by_itself) {
  for (int k = 0; k < 3; ++k) count("203.0.113.7");
  EXPECT_EQ(count("203.0.113.8"), Throttled::no);
  EXPECT_EQ(count("203.0.113.7", base::TenantId{2}), Throttled::no);
  EXPECT_EQ(count("203.0.113.7", kThrottled, kOthers), Throttled::no);
  EXPECT_FALSE(is_over("203.0.113.7", base::TenantId{2}));
}

TEST_F(RequestThrottle, takes_a_network_of_ipv6_for_one_address) {
  for (int k = 0; k < 3; ++k) count("2001:db8::" + std::to_string(k + 1));
  EXPECT_TRUE(is_over("2001:db8::ffff"));
}

TEST_F(RequestThrottle, lets_no_more_through_when_many_ask_at_once) {
  std::atomic<int> passed{0};
  std::vector<std::thread> threads;
  for (int k = 0; k < 16; ++k) threads.emplace_back([&] { passed += count("203.0.113.7") == Throttled::yes ? 0 : 1; });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(passed, 3);
}

}  // namespace
}  // namespace segue::protection
