#include "protection/device_code_quota.h"

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
using Taken = DeviceCodeQuota::Taken;

constexpr base::TenantId kQuotaTenant{1};

class DeviceCodeQuotaTest : public ::testing::Test {
 protected:
  DeviceCodeQuotaTest() { sql::migrate(*database, store::migrations()); }

  Taken take(std::string_view client = "tv", std::string_view address = "203.0.113.7", base::TenantId tenant = kQuotaTenant) {
    return store.write(tenant, [&](const store::Writer& w) { return quota.take(w, client, address, clock.now()); });
  }
  bool is_used_up(std::string_view client = "tv", std::string_view address = "203.0.113.7",
                  base::TenantId tenant = kQuotaTenant) {
    return store.read(tenant, [&](const store::Reader& r) { return quota.is_used_up(r, client, address, clock.now()); });
  }

  std::unique_ptr<sql::Database> database = sql::open_database("sqlite::memory:");
  test::ManualClock clock;
  base::IdGenerator ids{clock, 1, clock.now()};
  store::Store store{*database, ids};
  DeviceCodeQuota quota{{.per_client = 3, .per_address = 5}};
};

TEST_F(DeviceCodeQuotaTest, is_used_up_by_one_client_at_one_address) {
  EXPECT_EQ(take(), Taken::one);
  EXPECT_EQ(take(), Taken::one);
  EXPECT_FALSE(is_used_up());
  EXPECT_EQ(take(), Taken::last_of_client);
  EXPECT_TRUE(is_used_up());
  EXPECT_EQ(take(), Taken::none);
  EXPECT_FALSE(is_used_up("radio"));
  EXPECT_FALSE(is_used_up("tv", "203.0.113.8"));
  EXPECT_FALSE(is_used_up("tv", "203.0.113.7", base::TenantId{2}));
}

TEST_F(DeviceCodeQuotaTest, is_used_up_by_all_clients_of_an_address_together) {
  for (int k = 0; k < 3; ++k) take();
  EXPECT_EQ(take("tv"), Taken::none) << "which is no code of the address";
  EXPECT_EQ(take("radio"), Taken::one);
  EXPECT_EQ(take("radio"), Taken::last_of_address);
  EXPECT_TRUE(is_used_up("clock"));
  EXPECT_EQ(take("clock"), Taken::none);
}

TEST_F(DeviceCodeQuotaTest, is_whole_again_after_its_wait_whatever_was_refused_meanwhile) {
  for (int k = 0; k < 3; ++k) take();
  clock.advance(15min - 1us);
  EXPECT_EQ(take(), Taken::none);
  clock.advance(1us);
  EXPECT_FALSE(is_used_up());
  EXPECT_EQ(take(), Taken::one);
}

TEST_F(DeviceCodeQuotaTest, counts_an_ipv6_network_as_one_address) {
  for (const auto* const address : {"2001:db8:1:2::1", "2001:db8:1:2::2", "2001:db8:1:2:ffff::"}) take("tv", address);
  EXPECT_TRUE(is_used_up("tv", "2001:db8:1:2::9"));
  EXPECT_FALSE(is_used_up("tv", "2001:db8:1:3::1"));
}

TEST_F(DeviceCodeQuotaTest, gives_its_number_and_tells_one_that_it_was_the_last) {
  std::atomic<int> given{0}, last{0};
  std::vector<std::thread> askers;
  for (int i = 0; i < 64; ++i) {
    askers.emplace_back([&] {
      const auto taken = take();
      given += taken != Taken::none ? 1 : 0;
      last += taken == Taken::last_of_client ? 1 : 0;
    });
  }
  for (auto& asker : askers) asker.join();
  EXPECT_EQ(given, 3);
  EXPECT_EQ(last, 1);
}

}  // namespace
}  // namespace segue::protection
