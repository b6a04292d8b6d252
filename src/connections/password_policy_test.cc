#include "connections/password_policy.h"

#include <gtest/gtest.h>

namespace segue::connections {
namespace {

json::object options(std::string_view text) { return json::parse(text)->get_object(); }

TEST(PasswordPolicy, asks_for_eight_characters_unless_the_connection_says_more) {
  EXPECT_TRUE(check_password(nullptr, "abcdefgh").ok());
  EXPECT_EQ(check_password(nullptr, "abcdefg").error().description, "PasswordStrengthError: Password is too weak");
  const auto good = options(R"({"passwordPolicy":"good"})");
  EXPECT_FALSE(check_password(&good, "abcdefgh").ok());
  EXPECT_TRUE(check_password(&good, "Abcdefg1").ok());
  const auto excellent = options(R"({"passwordPolicy":"excellent"})");
  EXPECT_FALSE(check_password(&excellent, "Abcdefg111").ok());
  EXPECT_TRUE(check_password(&excellent, "Abcdefg112").ok());
  const auto longer = options(R"({"passwordPolicy":"none","password_complexity_options":{"min_length":12}})");
  EXPECT_FALSE(check_password(&longer, "abcdefghijk").ok());
}

TEST(PasswordPolicy, refuses_what_the_credential_core_would_never_look_at) {
  EXPECT_TRUE(check_password(nullptr, std::string(1024, 'x')).ok());
  EXPECT_FALSE(check_password(nullptr, std::string(1025, 'x')).ok());
}

TEST(PasswordPolicy, says_what_a_password_lacks_in_the_words_of_the_contract) {
  const auto excellent = options(R"({"passwordPolicy":"excellent"})");
  const auto verdict = judge_password(&excellent, "aaab");
  EXPECT_EQ(
      json::write(verdict.description()),
      R"x({"rules":[{"message":"At least %d characters in length","format":[10],"code":"lengthAtLeast","verified":false},)x"
      R"x({"message":"Contain at least %d of the following %d types of characters:","format":[3,4],"code":"containsAtLeast",)x"
      R"x("verified":false,"items":[{"message":"lower case letters (a-z)","code":"lowerCase","verified":true},)x"
      R"x({"message":"upper case letters (A-Z)","code":"upperCase","verified":false},)x"
      R"x({"message":"numbers (i.e. 0-9)","code":"numbers","verified":false},)x"
      R"x({"message":"special characters (e.g. !@#$%^&*)","code":"specialCharacters","verified":false}]},)x"
      R"x({"message":"No more than %d identical characters in a row (e.g., \"%s\" not allowed)","format":[2,"aaa"],)x"
      R"x("code":"identicalChars","verified":false}],"verified":false})x");
  EXPECT_EQ(verdict.policy(),
            "* At least 10 characters in length\n* Contain at least 3 of the following 4 types of characters:\n"
            "  * lower case letters (a-z)\n  * upper case letters (A-Z)\n  * numbers (i.e. 0-9)\n"
            "  * special characters (e.g. !@#$%^&*)\n* No more than 2 identical characters in a row (e.g., \"aaa\" not allowed)");
  EXPECT_EQ(verdict.policy(), judge_password(&excellent, "Correct-horse-7").policy());
  EXPECT_TRUE(judge_password(&excellent, "Correct-horse-7").verified);
  const auto fair = options(R"({"passwordPolicy":"fair"})");
  EXPECT_EQ(judge_password(&fair, "abcdefgh").missing(),
            "Should contain: lower case letters (a-z), upper case letters (A-Z), numbers (i.e. 0-9)");
}

}  // namespace
}  // namespace segue::connections
