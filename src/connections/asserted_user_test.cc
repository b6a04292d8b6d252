#include "connections/asserted_user.h"

#include <gtest/gtest.h>

namespace segue::connections {
namespace {

const base::Instant kNow = base::from_micros(1'700'000'000'000'000);

model::Connection connection(bool has_usernames = false) {
  model::Connection out;
  out.connection_id = "con_1";
  out.strategy = "auth0";
  if (has_usernames) out.document = {{"options", json::object{{"requires_username", true}}}};
  return out;
}

json::object said(const json::object& more) {
  json::object out{{"user_id", "7"}, {"email", "ada@example.com"}};
  for (const auto& attribute : more) out[attribute.key()] = attribute.value();
  return out;
}

AssertedUser asserted(const json::object& more = {}, bool has_usernames = false) {
  return read_asserted_user(connection(has_usernames), said(more)).value();
}

TEST(AssertedUser, becomes_a_user_without_a_password) {
  const auto user =
      new_asserted_user(connection(), asserted({{"email_verified", true}, {"name", "Ada"}, {"nickname", nullptr}}), kNow).value();
  EXPECT_EQ(user.user_id, "auth0|7");
  EXPECT_EQ(user.connection_id, "con_1");
  EXPECT_EQ(user.email, "ada@example.com");
  EXPECT_TRUE(user.email_verified);
  EXPECT_TRUE(user.password_hash.empty());
  EXPECT_EQ(json::find_string(user.profile, "name"), "Ada");
  EXPECT_EQ(json::find_string(user.profile, "nickname"), "ada");
  EXPECT_EQ(user.created_at, kNow);
  EXPECT_EQ(user.updated_at, kNow);
}

TEST(AssertedUser, is_refused_with_what_no_user_has) {
  const std::string long_name(301, 'x');
  const std::pair<json::object, std::string> cases[] = {
      {{{"user_id", nullptr}}, "user_id is needed, without white space: it names the user within the connection"},
      {{{"user_id", "a b"}}, "user_id is needed, without white space: it names the user within the connection"},
      {{{"user_id", 7}}, "user_id must be a string"},
      {{{"email", "nobody"}}, "email is no e-mail address"},
      {{{"email_verified", "yes"}}, "email_verified must be true or false"},
      {{{"name", long_name}}, "name must have 1 to 300 characters, none of them a control character"},
      {{{"name", "a\nb"}}, "name must have 1 to 300 characters, none of them a control character"},
      {{{"picture", "javascript:alert(1)"}}, "picture is no http or https URL"},
      {{{"verify_email", true}}, "verify_email must be false: no e-mail is sent here"},
      {{{"phone_number", "+15551234"}},
       "phone_number is not served: users of a database connection are identified by e-mail or user name here"},
      {{{"username", "ada"}}, "username cannot be used. Cannot set username for connection without requires_username"},
      {{{"blocked", false}}, "blocked is none that a user has"},
      {{{"app_metadata", json::object{}}}, "app_metadata is none that a user has"},
  };
  for (const auto& [more, expected] : cases) {
    const auto refused = read_asserted_user(connection(), said(more));
    ASSERT_FALSE(refused.ok()) << expected;
    EXPECT_EQ(refused.error().code, "invalid_request");
    EXPECT_EQ(refused.error().description, "api.authentication.setUserByConnection: the attribute " + expected);
  }
}

TEST(AssertedUser, needs_what_users_of_the_connection_sign_in_with) {
  const auto nameless = read_asserted_user(connection(), {{"user_id", "7"}}).value();
  EXPECT_FALSE(new_asserted_user(connection(), nameless, kNow).ok());
  EXPECT_FALSE(new_asserted_user(connection(true), asserted({}, true), kNow).ok());
  EXPECT_TRUE(new_asserted_user(connection(true), asserted({{"username", "ada"}}, true), kNow).ok());
}

TEST(AssertedUser, replaces_what_is_said_and_keeps_the_rest) {
  auto user = new_asserted_user(connection(), asserted({{"email_verified", true}, {"given_name", "Ada"}}), kNow).value();
  const auto later = kNow + std::chrono::seconds(5);
  EXPECT_EQ(replace_attributes(user, asserted(), later), AssertedChange::none);
  EXPECT_EQ(user.updated_at, kNow);
  EXPECT_EQ(replace_attributes(user, asserted({{"family_name", "King"}}), later), AssertedChange::profile);
  EXPECT_EQ(user.updated_at, later);
  EXPECT_EQ(json::find_string(user.profile, "given_name"), "Ada");
  EXPECT_TRUE(user.email_verified);
  EXPECT_EQ(replace_attributes(user, asserted({{"email", "new@example.com"}}), later), AssertedChange::identifier);
  EXPECT_FALSE(user.email_verified) << "nobody said that of the new address";
}

}  // namespace
}  // namespace segue::connections
