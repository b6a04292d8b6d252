// What an identity that is linked to a user has of its own: address, user name and password, and how they are changed.
#include "linked_identities.h"

namespace segue::test {
namespace {

using ::testing::HasSubstr;

constexpr const char* kNew = "Another-horse-8";

struct LinkedIdentityChanges : LinkedIdentitiesFlow {
  void SetUp() override { link_bea_to_ada(); }
  http::Response patch(json::object fields) {
    fields.emplace("connection", kStaff);
    return world.manage(Method::patch, user_path(ada), fields);
  }
  json::object profile_of_bea() { return user(ada).at("identities").as_array().at(1).at("profileData").as_object(); }
  std::string link_of_mail() {
    world.send_mails();
    const auto text = world.inbox().text();
    const auto begin = text.find("https://" + std::string(kDomain));
    return begin == std::string::npos ? "(no link)" : text.substr(begin, text.find_first_of("\r\n", begin) - begin);
  }
  // Follows a link that asks for something, and says yes.
  Page follow(const std::string& url) {
    Browser browser(world.node());
    const auto page = browser.open(url);
    if (page.status != 200) return page;
    return browser.submit(page, parameters({{"csrf", page.field("csrf")}, {"new_password", kNew}, {"confirm_password", kNew}}));
  }
  static User with_password(User user, const std::string& password) {
    user.password = password;
    return user;
  }
  std::string ticket(const std::string& kind, json::object more) {
    return json::find_string(world.managed(Method::post, "tickets/" + kind, more).as_object(), "ticket").value();
  }
  json::object identity_of_bea() { return {{"provider", "auth0"}, {"user_id", own_id(bea)}}; }
};
INSTANTIATE_TEST_SUITE_P(Engines, LinkedIdentityChanges, ::testing::ValuesIn(engines()), engine_name);

TEST_P(LinkedIdentityChanges, of_the_password_by_mail_end_the_users_sessions_and_no_other_password) {
  Browser browser(world.node());
  ASSERT_NE(sign_in(browser, ada, kPasswordRealm).parameter("code"), "");
  ASSERT_EQ(world
                .send(json_request(Method::post, "/dbconnections/change_password",
                                   {{"client_id", app.client_id}, {"connection", kStaff}, {"email", bea.email}}))
                .status,
            200);
  const auto link = link_of_mail();
  ASSERT_EQ(world.inbox().mails().back().to, bea.email);
  bind(world, "post-change-password", {{"look", "x"}});
  EXPECT_EQ(follow(link).status, 200);
  EXPECT_EQ(sign_in(bea).error(), "invalid_grant");
  EXPECT_EQ(claim(sign_in(with_password(bea, kNew)).text("id_token"), "sub"), ada.user_id);
  EXPECT_EQ(sign_in(ada, kPasswordRealm).status, 200) << "the user's own is another";
  EXPECT_TRUE(open(browser, kPasswordRealm).is_login_page());
  const auto rows = world.logs("type:scp");
  ASSERT_FALSE(rows.empty());
  EXPECT_EQ(json::find_string(rows.front(), "user_id"), ada.user_id);
  EXPECT_EQ(json::find_string(rows.front(), "connection"), kStaff);
  world.run_deferred();
  EXPECT_EQ(runner.in_event("user.user_id"), ada.user_id);
  EXPECT_EQ(runner.in_event("connection.name"), kStaff);
}

TEST_P(LinkedIdentityChanges, of_the_password_are_for_nobody_who_is_blocked) {
  const auto link = ticket("password-change", {{"connection_id", staff_id}, {"email", bea.email}});
  world.managed(Method::patch, user_path(ada), {{"blocked", true}});
  EXPECT_EQ(follow(link).status, 400);
  ASSERT_EQ(world
                .send(json_request(Method::post, "/dbconnections/change_password",
                                   {{"client_id", app.client_id}, {"connection", kStaff}, {"email", bea.email}}))
                .status,
            200);
  world.send_mails();
  EXPECT_TRUE(world.inbox().mails().empty());
}

TEST_P(LinkedIdentityChanges, come_by_tickets_that_name_the_identity) {
  EXPECT_EQ(follow(ticket("password-change", {{"user_id", ada.user_id}, {"identity", identity_of_bea()}})).status, 200);
  EXPECT_EQ(sign_in(with_password(bea, kNew)).status, 200);
  EXPECT_EQ(sign_in(ada, kPasswordRealm).status, 200);
  const auto refused =
      world.manage(Method::post, "tickets/password-change",
                   {{"user_id", ada.user_id}, {"identity", json::object{{"provider", "auth0"}, {"user_id", "x"}}}});
  EXPECT_THAT(message(refused, 400), HasSubstr("no such identity"));
  EXPECT_EQ(world.manage(Method::post, "tickets/password-change", {{"user_id", bea.user_id}}).status, 404);

  ASSERT_EQ(patch({{"email_verified", false}}).status, 200);
  EXPECT_EQ(profile_of_bea().at("email_verified"), false);
  auto identity = identity_of_bea();
  identity["connection_id"] = staff_id;
  EXPECT_EQ(follow(ticket("email-verification", {{"user_id", ada.user_id}, {"identity", identity}})).status, 200);
  EXPECT_EQ(profile_of_bea().at("email_verified"), true);
}

TEST_P(LinkedIdentityChanges, die_with_a_link_that_is_undone_or_made) {
  const auto of_ada = ticket("password-change", {{"user_id", ada.user_id}});
  ASSERT_EQ(unlink(ada, bea).status, 200);
  const auto of_bea = ticket("password-change", {{"user_id", bea.user_id}});
  link_bea_to_ada();
  EXPECT_EQ(follow(of_bea).status, 400) << "it was a user's, who is none any more";
  EXPECT_EQ(follow(of_ada).status, 200);
}

TEST_P(LinkedIdentityChanges, are_made_by_patching_the_user_with_the_connection) {
  Browser browser(world.node());
  ASSERT_NE(sign_in(browser, ada, kPasswordRealm).parameter("code"), "");
  const auto answer = patch({{"email", "new@staff.example"}, {"verify_email", true}});
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(object_of(answer).at("email"), json::value(ada.email));
  EXPECT_EQ(object_of(answer).at("identities").at(1).at("profileData").at("email"), "new@staff.example");
  EXPECT_EQ(profile_of_bea().at("email_verified"), false);
  EXPECT_TRUE(open(browser, kPasswordRealm).is_login_page()) << "an identifier of theirs changed";
  EXPECT_EQ(follow(link_of_mail()).status, 200);
  EXPECT_EQ(world.inbox().mails().back().to, "new@staff.example");
  EXPECT_EQ(profile_of_bea().at("email_verified"), true);

  ASSERT_EQ(patch({{"username", "beatrix"}}).status, 200);
  EXPECT_EQ(profile_of_bea().at("username"), "beatrix");
  ASSERT_EQ(patch({{"password", kNew}}).status, 200);
  EXPECT_EQ(sign_in({bea.user_id, "beatrix", kNew}).status, 200);
  EXPECT_EQ(sign_in(ada, kPasswordRealm).status, 200);
}

TEST_P(LinkedIdentityChanges, are_refused_where_they_are_the_users_or_somebody_elses) {
  EXPECT_THAT(message(patch({{"name", "x"}}), 400), HasSubstr("belongs to the user"));
  EXPECT_THAT(message(patch({{"blocked", true}}), 400), HasSubstr("belongs to the user"));
  EXPECT_THAT(message(patch({{"user_metadata", json::object{{"a", 1}}}}), 400), HasSubstr("belongs to the user"));
  EXPECT_THAT(message(patch({{"connection", "nowhere"}, {"email", "x@example.com"}}), 400), HasSubstr("has no identity of"));
  world.create_user("cem@staff.example", {{"connection", kStaff}, {"username", "cem"}});
  EXPECT_THAT(message(patch({{"email", "cem@staff.example"}}), 400), HasSubstr("already exists"));
  EXPECT_THAT(message(patch({{"username", "cem"}}), 400), HasSubstr("already exists"));
  const auto dov = world.create_user("dov@staff.example", {{"connection", kStaff}, {"username", "dov"}});
  ASSERT_EQ(link(ada, dov).status, 201);
  EXPECT_THAT(message(patch({{"email", "y@staff.example"}}), 400), HasSubstr("more than one identity"));
  EXPECT_EQ(profile_of_bea().at("email"), json::value(bea.email));
}

}  // namespace
}  // namespace segue::test
