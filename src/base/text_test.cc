#include "base/text.h"

#include <gtest/gtest.h>

namespace segue::base {
namespace {

TEST(Text, is_shortened_between_two_characters) {
  EXPECT_EQ(shortened("abc", 3), "abc");
  EXPECT_EQ(shortened("abc", 2), "ab");
  EXPECT_EQ(shortened("a\u00e9z", 3), "a\u00e9");
  EXPECT_EQ(shortened("a\u00e9z", 2), "a");
  EXPECT_EQ(shortened("\U0001F511", 3), "");
  EXPECT_EQ(shortened("", 0), "");
}

TEST(Text, is_counted_in_characters) {
  EXPECT_EQ(character_count(""), 0u);
  EXPECT_EQ(character_count("abc"), 3u);
  EXPECT_EQ(character_count("a\u00e9z\U0001F511"), 4u);
}

}  // namespace
}  // namespace segue::base
