// User codes: formats of the tenant, and what people type.
#include "oauth/device/user_code.h"

#include <gtest/gtest.h>

#include "support/seeded_random.h"

namespace segue::oauth {
namespace {

UserCodeFormat format(json::object device_flow) {
  return user_code_format(json::object{{"device_flow", std::move(device_flow)}});
}

TEST(UserCode, is_eight_letters_that_make_no_words_unless_the_tenant_says_otherwise) {
  test::SeededRandom random(1);
  const auto code = make_user_code(random, user_code_format({}));
  ASSERT_EQ(code.size(), 9u);
  EXPECT_EQ(code[4], '-');
  EXPECT_EQ(code.find_first_not_of("BCDFGHJKLMNPQRSTVWXZ-"), std::string::npos) << code;
}

TEST(UserCode, has_the_characters_and_the_mask_of_the_tenant) {
  test::SeededRandom random(1);
  const auto code = make_user_code(random, format({{"charset", "digits"}, {"mask", "***-***-***-***"}}));
  EXPECT_EQ(code.size(), 15u);
  EXPECT_EQ(code.find_first_not_of("0123456789-"), std::string::npos) << code;
}

TEST(UserCode, is_never_shorter_than_guessing_allows) {
  EXPECT_EQ(format({{"charset", "base20"}, {"mask", "***-***"}}).mask, "****-****");
  EXPECT_EQ(format({{"charset", "digits"}, {"mask", "****-****"}}).mask, "***-***-***");
  EXPECT_EQ(format({{"mask", "*********************"}}).mask, "****-****");
  EXPECT_EQ(format({{"mask", "********<b>"}}).mask, "****-****");
}

TEST(UserCode, is_shown_as_the_device_shows_it) {
  EXPECT_EQ(shown_user_code("WDJBMJHT", user_code_format({})), "WDJB-MJHT");
  EXPECT_EQ(shown_user_code("WDJBMJHTX", user_code_format({})), "WDJBMJHTX") << "of a format that the tenant has changed since";
}

TEST(UserCode, is_read_whatever_its_case_and_dashes) {
  for (const auto* typed : {"WDJB-MJHT", "wdjbmjht", " Wdjb mjht ", "W-D-J-B-M-J-H-T"}) {
    EXPECT_EQ(normalised_user_code(typed), "WDJBMJHT") << typed;
  }
  for (const auto* typed : {"", "WDJB-MJH", "WDJB_MJHT", "WDJB-MJH\xc3\x89", "AAAAAAAAAAAAAAAAAAAAA"}) {
    EXPECT_EQ(normalised_user_code(typed), std::nullopt) << typed;
  }
}

}  // namespace
}  // namespace segue::oauth
