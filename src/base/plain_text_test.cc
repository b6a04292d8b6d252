#include "base/plain_text.h"

#include <gtest/gtest.h>

namespace segue::base {
namespace {

TEST(PlainText, has_a_space_for_what_acts) {
  EXPECT_EQ(without_acting_characters("a\r\nb\x1b[2J\x7f"), "a  b [2J ");
  EXPECT_EQ(without_acting_characters("x\xc2\x9b"
                                      "2J\xc2\x85\xe2\x80\xa8\xe2\x80\xa9y"),
            "x 2J   y");
  EXPECT_EQ(without_acting_characters(std::string_view("a\0b", 3)), "a b");
  for (const auto* whole :
       {"", "G\xc3\xbcnther \xe2\x80\x93 \xf0\x9f\x94\x91", "\xc2\xa0", "\xe2\x80\xa7\xe2\x80\xaa", "\xc2", "\xe2\x80"})
    EXPECT_EQ(without_acting_characters(whole), whole);
}

TEST(PlainText, shows_as_it_is_without_lines_escapes_and_turns) {
  for (const auto* plain :
       {"", "ada", "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d", "\xe2\x80\xa7", "\xe2\x80\xaf", "\xe2\x81\xa5", "\xe2\x81\xaa"})
    EXPECT_TRUE(shows_as_it_is(plain)) << plain;
  for (const auto* acting :
       {"a\nb", "\x7f", "\xc2\x80", "\xc2\x9f", "a\xe2\x80\xa9", "\xe2\x80\xaa", "\xe2\x80\xae", "\xe2\x81\xa6", "\xe2\x81\xa9"})
    EXPECT_FALSE(shows_as_it_is(acting));
}

}  // namespace
}  // namespace segue::base
