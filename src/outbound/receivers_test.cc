#include "outbound/receivers.h"

#include <gtest/gtest.h>

namespace segue::outbound {
namespace {

using namespace std::chrono_literals;

const ReceiverKey kOne{base::TenantId{1}, "one"}, kTwo{base::TenantId{1}, "two"}, kThree{base::TenantId{2}, "one"};

struct ReceiversTest : testing::Test {
  Receivers receivers{4};
  base::Instant now = base::from_micros(1'790'000'000'000'000);
  void fail(const ReceiverKey& receiver) {
    ASSERT_TRUE(receivers.begin(receiver, now));
    receivers.end(receiver, Receivers::End::failed, now);
  }
};

TEST_F(ReceiversTest, a_receiver_that_answers_gets_eight_deliveries_side_by_side) {
  for (int i = 0; i < 8; ++i) EXPECT_TRUE(receivers.begin(kOne, now));
  EXPECT_FALSE(receivers.begin(kOne, now));
  EXPECT_TRUE(receivers.begin(kTwo, now));
  receivers.end(kOne, Receivers::End::answered, now);
  EXPECT_TRUE(receivers.begin(kOne, now));
}

TEST_F(ReceiversTest, one_that_failed_rests_longer_each_time_while_others_go_on) {
  for (const auto pause : {base::Duration(1s), base::Duration(5s), base::Duration(30s), base::Duration(2min),
                           base::Duration(10min), base::Duration(1h), base::Duration(1h)}) {
    fail(kOne);
    EXPECT_FALSE(receivers.begin(kOne, now));
    EXPECT_TRUE(receivers.begin(kTwo, now));
    receivers.end(kTwo, Receivers::End::answered, now);
    now += pause - base::Duration(1);
    EXPECT_FALSE(receivers.begin(kOne, now));
    now += base::Duration(1);
  }
}

TEST_F(ReceiversTest, one_that_failed_gets_one_delivery_at_a_time_and_is_forgiven_by_an_answer) {
  fail(kOne);
  now += 1s;
  EXPECT_TRUE(receivers.begin(kOne, now));
  EXPECT_FALSE(receivers.begin(kOne, now));
  receivers.end(kOne, Receivers::End::answered, now);
  EXPECT_TRUE(receivers.begin(kOne, now));
  EXPECT_TRUE(receivers.begin(kOne, now));
}

TEST_F(ReceiversTest, deliveries_that_fail_side_by_side_count_once) {
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(receivers.begin(kOne, now));
  for (int i = 0; i < 4; ++i) receivers.end(kOne, Receivers::End::failed, now);
  now += 1s;
  EXPECT_TRUE(receivers.begin(kOne, now));
}

TEST_F(ReceiversTest, all_that_failed_share_half_of_the_threads) {
  for (const auto& receiver : {kOne, kTwo, kThree}) fail(receiver);
  now += 1s;
  EXPECT_TRUE(receivers.begin(kOne, now));
  EXPECT_TRUE(receivers.begin(kTwo, now));
  EXPECT_FALSE(receivers.begin(kThree, now));
  receivers.end(kOne, Receivers::End::nothing_sent, now);
  EXPECT_TRUE(receivers.begin(kThree, now));
}

}  // namespace
}  // namespace segue::outbound
