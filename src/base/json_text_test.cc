#include "base/json_text.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace segue::base {
namespace {

TEST(JsonText, ends_no_line_and_no_string_and_moves_no_cursor) {
  EXPECT_EQ(json_text("a\nb\r\x1b[31m\"\\\x7f"), R"("a\u000ab\u000d\u001b[31m\"\\\u007f")");
  EXPECT_EQ(json_text("\xc2\x9b"
                      "2J\xc2\xa0\xc3\xbc"),
            "\"\\u009b2J\xc2\xa0\xc3\xbc\"");
  EXPECT_EQ(json_text(std::string_view("a\0b", 3)), R"("a\u0000b")");
}

TEST(JsonText, is_valid_utf8_whatever_came) {
  EXPECT_EQ(json_text("\xff"), R"("\ufffd")");
  EXPECT_EQ(json_text("a\xc3"), R"("a\ufffd")");
  for (const auto* const bytes : {"\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe4\xb8"})
    EXPECT_TRUE(is_valid_utf8(json_text(bytes)));
  EXPECT_EQ(json_text("\xf0\x9f\x94\x91"), "\"\xf0\x9f\x94\x91\"");
}

TEST(JsonText, is_bounded) {
  EXPECT_EQ(json_text("abcdef", 3), "\"abc (6 bytes in all)\"");
  EXPECT_LT(json_text(std::string(10'000'000, '\x01')).size(), 60'000u);
}

}  // namespace
}  // namespace segue::base
