#include "base/ordered_text.h"

#include <gtest/gtest.h>

#include "support/seeded_random.h"

namespace segue::base {
namespace {

using std::chrono::milliseconds;

TEST(OrderedText, sorts_by_the_millisecond) {
  test::SeededRandom random(1);
  const auto start = from_micros(1'795'000'000'000'000);
  std::string before;
  for (int i = 0; i < 5000; i++) {
    auto text = ordered_text(random, 22, start + milliseconds(i));
    EXPECT_LT(before, text);
    before = std::move(text);
  }
}

TEST(OrderedText, differs_within_a_millisecond_and_has_the_length_asked_for) {
  test::SeededRandom random(1);
  const auto now = from_micros(1'795'000'000'000'000);
  const auto first = ordered_text(random, 22, now), second = ordered_text(random, 22, now);
  EXPECT_EQ(first.size(), 22u);
  EXPECT_EQ(first.substr(0, 8), second.substr(0, 8));
  EXPECT_NE(first, second);
}

}  // namespace
}  // namespace segue::base
