#include "protection/brute_force.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "sql/database.h"
#include "store/login_attempts.h"
#include "store/schema.h"
#include "support/manual_clock.h"

namespace segue::protection {
namespace {

using namespace std::chrono_literals;
using Verdict = BruteForce::Verdict;

constexpr base::TenantId kTenant{1};
constexpr std::string_view kAda = "con_1|ada@example.com";
constexpr std::string_view kHome = "203.0.113.7";

class BruteForceTest : public ::testing::Test {
 protected:
  BruteForceTest() { sql::migrate(*database, store::migrations()); }

  int allowed(BruteForce& brute_force, int attempts, std::string_view account = kAda, std::string_view address = kHome) {
    int count = 0;
    for (int i = 0; i < attempts; ++i) count += brute_force.begin_attempt(kTenant, account, address) == Verdict::allowed ? 1 : 0;
    return count;
  }

  std::unique_ptr<sql::Database> database = sql::open_database("sqlite::memory:");
  test::ManualClock clock;
  base::IdGenerator ids{clock, 1, clock.now()};
  store::Store store{*database, ids};
  BruteForce limits{store, clock};
};

TEST_F(BruteForceTest, blocks_an_account_at_one_address_after_ten_failures) {
  EXPECT_EQ(allowed(limits, 10), 10);
  EXPECT_EQ(limits.begin_attempt(kTenant, kAda, kHome), Verdict::account_blocked);
  EXPECT_EQ(limits.begin_attempt(kTenant, kAda, "198.51.100.9"), Verdict::allowed) << "the owner elsewhere is not locked out";
  EXPECT_EQ(limits.begin_attempt(kTenant, "con_1|bob@example.com", kHome), Verdict::allowed);
  EXPECT_EQ(limits.begin_attempt(base::TenantId{2}, kAda, kHome), Verdict::allowed) << "another tenant counts for itself";
}

TEST_F(BruteForceTest, a_block_ends_after_its_hour_although_attempts_went_on) {
  allowed(limits, 10);
  clock.advance(59min);
  EXPECT_EQ(allowed(limits, 20), 0);
  clock.advance(1min);
  EXPECT_EQ(allowed(limits, 20), 10);
}

TEST_F(BruteForceTest, failures_of_an_older_window_do_not_count) {
  allowed(limits, 9);
  clock.advance(1h);
  EXPECT_EQ(allowed(limits, 20), 10);
}

TEST_F(BruteForceTest, success_clears_the_account_and_takes_one_attempt_back_from_the_address) {
  BruteForce few{store, clock, {.failures_per_account = 10, .failures_per_address = 3}};
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(few.begin_attempt(kTenant, kAda, kHome), Verdict::allowed);
    few.success(kTenant, kAda, kHome);
  }
  EXPECT_EQ(allowed(few, 2, "con_1|a"), 2);
  ASSERT_EQ(few.begin_attempt(kTenant, kAda, kHome), Verdict::allowed) << "the third attempt completes the block";
  EXPECT_EQ(few.begin_attempt(kTenant, "con_1|b", kHome), Verdict::address_blocked);
  few.success(kTenant, kAda, kHome);
  EXPECT_EQ(allowed(few, 5, "con_1|b"), 1) << "only the two failures are left";
}

TEST_F(BruteForceTest, an_address_is_blocked_over_all_accounts) {
  int passed = 0;
  for (int i = 0; i < 150; ++i) passed += allowed(limits, 1, "con_1|user" + std::to_string(i));
  EXPECT_EQ(passed, 100);
  EXPECT_EQ(limits.begin_attempt(kTenant, kAda, kHome), Verdict::address_blocked);
}

TEST_F(BruteForceTest, a_refused_attempt_at_a_blocked_account_is_no_failure_of_the_address) {
  BruteForce few{store, clock, {.failures_per_account = 2, .failures_per_address = 4}};
  EXPECT_EQ(allowed(few, 50), 2);
  EXPECT_EQ(allowed(few, 50, "con_1|b"), 2);
  EXPECT_EQ(few.begin_attempt(kTenant, "con_1|c", kHome), Verdict::address_blocked);
}

TEST_F(BruteForceTest, the_addresses_of_one_ipv6_network_count_as_one) {
  EXPECT_EQ(allowed(limits, 6, kAda, "2001:db8:1:2::1"), 6);
  EXPECT_EQ(allowed(limits, 6, kAda, "2001:db8:1:2:ffff::9"), 4);
  EXPECT_EQ(allowed(limits, 6, kAda, "2001:db8:1:3::1"), 6);
}

TEST_F(BruteForceTest, a_typed_name_is_not_stored) {
  limits.begin_attempt(kTenant, kAda, kHome);
  const auto readable = store.read(kTenant, [](const store::Reader& r) {
    return store::login_attempts::find(r, "account|" + std::string(kAda) + "|" + std::string(kHome)).has_value();
  });
  EXPECT_FALSE(readable);
}

TEST_F(BruteForceTest, parallel_guesses_cannot_exceed_the_limit) {
  std::atomic<int> passed{0};
  std::vector<std::thread> guessers;
  for (int i = 0; i < 64; ++i) guessers.emplace_back([&] { passed += allowed(limits, 3); });
  for (auto& guesser : guessers) guesser.join();
  EXPECT_EQ(passed, 10);
}

TEST_F(BruteForceTest, parallel_guesses_over_many_accounts_cannot_exceed_the_limit_of_the_address) {
  BruteForce few{store, clock, {.failures_per_account = 10, .failures_per_address = 25}};
  std::atomic<int> passed{0};
  std::vector<std::thread> guessers;
  for (int i = 0; i < 64; ++i) guessers.emplace_back([&, i] { passed += allowed(few, 2, "con_1|user" + std::to_string(i)); });
  for (auto& guesser : guessers) guesser.join();
  EXPECT_EQ(passed, 25);
}

}  // namespace
}  // namespace segue::protection
