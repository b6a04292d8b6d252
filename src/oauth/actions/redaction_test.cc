#include "oauth/actions/redaction.h"

#include <gtest/gtest.h>

namespace segue::oauth {
namespace {

TEST(Redaction, hides_a_token_and_every_long_part_of_it) {
  const std::string token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl";
  const std::vector<std::string> tokens{token};
  EXPECT_EQ(without_tokens("got " + token + "!", tokens), "got [redacted]!");
  EXPECT_EQ(without_tokens(token, tokens), "[redacted]");
  EXPECT_EQ(without_tokens("cut off: " + token.substr(0, 30), tokens), "cut off: [redacted]");
  EXPECT_EQ(without_tokens(token.substr(20, 16) + " and " + token.substr(4, 20), tokens), "[redacted] and [redacted]");
  EXPECT_EQ(without_tokens("Unexpected token 'e'", tokens), "Unexpected token 'e'");
  EXPECT_EQ(without_tokens("", tokens), "");
}

TEST(Redaction, hides_a_short_token_as_a_whole) {
  EXPECT_EQ(without_tokens("pin 123456 is wrong", {"123456"}), "pin [redacted] is wrong");
  EXPECT_EQ(without_tokens("pin 12345 is wrong", {"123456"}), "pin 12345 is wrong");
  EXPECT_EQ(without_tokens("a cat", {"a"}), "a cat");
}

}  // namespace
}  // namespace segue::oauth
