#include "outbound/receivers.h"

#include <gtest/gtest.h>

#include <stdexcept>

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

struct StoppedClock final : base::Clock {
  base::Instant now() const override { return base::from_micros(1'790'000'000'000'000); }
};

TEST_F(ReceiversTest, those_that_are_due_have_a_turn_each_behind_the_last_one_also_where_it_is_no_longer_due) {
  const StoppedClock clock;
  std::vector<ReceiverKey> served;
  const auto deliver = [&](const ReceiverKey& receiver) {
    served.push_back(receiver);
    return std::optional(Receivers::End::answered);
  };
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(receivers.serve_one({kOne, kTwo, kThree}, clock, deliver));
  EXPECT_TRUE(receivers.serve_one({kTwo, kThree}, clock, deliver));
  EXPECT_TRUE(receivers.serve_one({kOne, kThree}, clock, deliver));
  EXPECT_EQ(served, (std::vector{kOne, kTwo, kThree, kOne, kTwo, kThree}));
}

TEST_F(ReceiversTest, a_turn_that_found_nothing_to_do_passes_to_the_next_one) {
  const StoppedClock clock;
  std::vector<ReceiverKey> asked;
  const auto deliver = [&](const ReceiverKey& receiver) {
    asked.push_back(receiver);
    return receiver == kTwo ? std::optional(Receivers::End::answered) : std::nullopt;
  };
  EXPECT_TRUE(receivers.serve_one({kOne, kTwo, kThree}, clock, deliver));
  EXPECT_EQ(asked, (std::vector{kOne, kTwo}));
  EXPECT_FALSE(receivers.serve_one({kOne, kThree}, clock, deliver));
  EXPECT_FALSE(receivers.serve_one({}, clock, deliver));
}

TEST_F(ReceiversTest, a_delivery_that_failed_or_was_broken_off_ends_its_turn) {
  const StoppedClock clock;
  const auto fails = [](const ReceiverKey&) { return std::optional(Receivers::End::failed); };
  EXPECT_TRUE(receivers.serve_one({kOne}, clock, fails));
  EXPECT_FALSE(receivers.serve_one({kOne}, clock, fails)) << "it rests";
  const auto breaks_off = [](const ReceiverKey&) -> std::optional<Receivers::End> { throw std::runtime_error("no database"); };
  for (int i = 0; i < 20; ++i) EXPECT_THROW(receivers.serve_one({kTwo}, clock, breaks_off), std::runtime_error);
  EXPECT_TRUE(receivers.begin(kTwo, clock.now())) << "no delivery counts as under way";
}

}  // namespace
}  // namespace segue::outbound
