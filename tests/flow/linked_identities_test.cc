// Linking two users into one and unlinking them (contract §9.10): what is shown of them, who signs in, and what ends.
#include "linked_identities.h"

namespace segue::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct LinkedIdentities : LinkedIdentitiesFlow {
  std::vector<std::string> found(const std::string& query) {
    std::vector<std::string> out;
    const auto list = world.managed(Method::get, query);
    for (const auto& each : list.as_array()) out.push_back(json::find_string(each.as_object(), "user_id").value_or(""));
    return out;
  }
  std::vector<std::string> search(const std::string& q) { return found("users?search_engine=v3&q=" + base::percent_encode(q)); }
  std::string logged(const std::string& type, std::string_view name) {
    const auto rows = world.logs("type:" + type);
    return rows.empty() ? "(no row)" : json::find_string(rows.front(), name).value_or("");
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, LinkedIdentities, ::testing::ValuesIn(engines()), engine_name);

// --- What is shown ---

TEST_P(LinkedIdentities, are_shown_behind_the_users_own) {
  const auto answer = link(ada, bea);
  ASSERT_EQ(answer.status, 201);
  const auto shown = list_of(answer);
  ASSERT_EQ(shown.size(), 2u);
  EXPECT_EQ(shown.at(0),
            (json::value{{"connection", kPasswordRealm}, {"user_id", own_id(ada)}, {"provider", "auth0"}, {"isSocial", false}}));
  const auto& linked = shown.at(1).as_object();
  EXPECT_EQ(linked.at("connection"), kStaff);
  EXPECT_EQ(linked.at("user_id"), json::value(own_id(bea)));
  EXPECT_EQ(linked.at("provider"), "auth0");
  const auto& profile = linked.at("profileData").as_object();
  EXPECT_EQ(profile.at("email"), "bea@staff.example");
  EXPECT_EQ(profile.at("email_verified"), true);
  EXPECT_EQ(profile.at("username"), "bea");
  EXPECT_EQ(profile.at("name"), "Bea");
  EXPECT_FALSE(profile.contains("user_metadata"));
  const auto whole = user(ada);
  EXPECT_EQ(whole.at("identities"), json::value(shown));
  EXPECT_EQ(whole.at("name"), "Ada");
  EXPECT_EQ(whole.at("user_metadata").at("of"), "ada");
  EXPECT_EQ(logged("sapi", "description"), "Link a user account");
}

TEST_P(LinkedIdentities, are_no_users_any_more) {
  link_bea_to_ada();
  EXPECT_EQ(message(world.manage(Method::get, user_path(bea)), 404), "The user does not exist.");
  EXPECT_EQ(world.manage(Method::patch, user_path(bea), {{"name", "x"}}).status, 404);
  EXPECT_EQ(world.manage(Method::get, user_path(bea) + "/roles").status, 404);
  EXPECT_EQ(world.manage(Method::get, user_path(bea) + "/sessions").status, 404);
  EXPECT_EQ(world.manage(Method::delete_, user_path(bea)).status, 204) << "as of every unknown user";
  EXPECT_EQ(user(ada).at("identities").as_array().size(), 2u);
  EXPECT_THAT(found("users?per_page=10"), ElementsAre(ada.user_id));
  EXPECT_EQ(world.managed(Method::get, "users?include_totals=true").as_object().at("total"), 1);
  EXPECT_THAT(found("users-by-email?email=bea%40staff.example"), IsEmpty());
  EXPECT_THAT(search("email:\"bea@staff.example\""), IsEmpty());
  EXPECT_THAT(search("user_id:\"" + bea.user_id + "\""), IsEmpty());
  const auto again = world.send(json_request(Method::post, "/dbconnections/signup",
                                             {{"client_id", app.client_id},
                                              {"connection", kStaff},
                                              {"email", "bea@staff.example"},
                                              {"username", "beatrix"},
                                              {"password", "Another-horse-8"}}));
  EXPECT_EQ(again.status, 400) << "the address is taken still";
}

TEST_P(LinkedIdentities, lead_a_search_to_their_user) {
  link_bea_to_ada();
  for (const auto* q : {"identities.connection:staff", "identities.provider:auth0",
                        "identities.profileData.email:\"bea@staff.example\"", "identities.profileData.username:bea"})
    EXPECT_THAT(search(q), ElementsAre(ada.user_id)) << q;
  EXPECT_THAT(search("identities.user_id:\"" + own_id(bea) + "\""), ElementsAre(ada.user_id));
  EXPECT_THAT(found("users?connection=staff"), ElementsAre(ada.user_id));
  EXPECT_THAT(found("users?connection=" + std::string(kPasswordRealm)), ElementsAre(ada.user_id));
}

// --- Who signs in ---

TEST_P(LinkedIdentities, sign_in_their_user_at_the_token_endpoint) {
  link_bea_to_ada();
  const auto tokens = sign_in(bea);
  ASSERT_EQ(tokens.status, 200) << json::write(tokens.body);
  EXPECT_EQ(claim(tokens.text("id_token"), "sub"), ada.user_id);
  EXPECT_EQ(claim(tokens.text("id_token"), "email"), ada.email);
  EXPECT_EQ(claim(tokens.text("id_token"), "name"), "Ada");
  EXPECT_EQ(logged("sepft", "user_id"), ada.user_id);
  EXPECT_EQ(logged("sepft", "connection"), kStaff);
  EXPECT_EQ(user(ada).at("logins_count"), 1);
  EXPECT_EQ(sign_in(ada, kPasswordRealm).status, 200);
  EXPECT_EQ(user(ada).at("logins_count"), 2);
  const auto refreshed = world.refresh(app, tokens.refresh_token());
  EXPECT_EQ(claim(refreshed.text("id_token"), "sub"), ada.user_id);
}

TEST_P(LinkedIdentities, sign_in_their_user_on_the_page) {
  link_bea_to_ada();
  Browser browser(world.node());
  const auto tokens = redeem(sign_in(browser, bea).parameter("code"));
  EXPECT_EQ(claim(tokens.text("id_token"), "sub"), ada.user_id);
  EXPECT_EQ(logged("s", "user_id"), ada.user_id);
  EXPECT_EQ(logged("s", "connection"), kStaff);
}

TEST_P(LinkedIdentities, are_told_to_actions_with_their_user) {
  bind(world, "post-login", {{"look", "x"}});
  link_bea_to_ada();
  ASSERT_EQ(sign_in(bea).status, 200);
  EXPECT_EQ(runner.in_event("user.user_id"), ada.user_id);
  EXPECT_EQ(runner.in_event("connection.name"), kStaff);
  const auto& identities = runner.event().at("user").at("identities").as_array();
  ASSERT_EQ(identities.size(), 2u);
  EXPECT_EQ(identities.at(1).at("userId"), json::value(own_id(bea)));
  EXPECT_EQ(identities.at(1).at("profileData").at("email"), json::value(bea.email));
}

// An Action that links whoever signs in says who goes on.
TEST_P(LinkedIdentities, that_an_action_has_just_made_sign_in_the_user_that_it_sets) {
  bind(world, "post-login", {{"link", "x"}});
  bool links = false;
  std::vector<actions::Command> commands;
  runner.answer = [&](const actions::Invocation& invocation) {
    if (links) link_bea_to_ada();
    links = false;
    actions::Outcome out{.status = actions::Status::ok};
    out.results.push_back({.version_id = invocation.actions.front().version_id, .ok = true, .commands = commands});
    return out;
  };
  const actions::Command to_ada{"authentication.setPrimaryUser", {ada.user_id}};

  commands = {to_ada};
  EXPECT_EQ(sign_in(bea).error(), "access_denied") << "nobody linked her";
  commands = {};
  links = true;
  EXPECT_EQ(sign_in(bea).error(), "invalid_grant") << "who signed in is no user any more";
  ASSERT_EQ(unlink(ada, bea).status, 200);

  commands = {to_ada, {"user.setUserMetadata", {"color", "red"}}};
  links = true;
  const auto tokens = sign_in(bea);
  ASSERT_EQ(tokens.status, 200) << json::write(tokens.body);
  EXPECT_EQ(claim(tokens.text("id_token"), "sub"), ada.user_id);
  EXPECT_EQ(user(ada).at("user_metadata").at("color"), "red");
  EXPECT_EQ(logged("sepft", "user_id"), ada.user_id);
  EXPECT_EQ(world.refresh(app, tokens.refresh_token()).status, 200) << "they are that user already";
  ASSERT_EQ(unlink(ada, bea).status, 200);

  links = true;
  Browser browser(world.node());
  EXPECT_EQ(claim(redeem(sign_in(browser, bea).parameter("code")).text("id_token"), "sub"), ada.user_id);
  EXPECT_EQ(logged("s", "user_id"), ada.user_id);
  EXPECT_EQ(sign_in(bea).status, 200) << "linked before, she is that user already";

  ASSERT_EQ(unlink(ada, bea).status, 200);
  world.managed(Method::patch, user_path(ada), {{"blocked", true}});
  links = true;
  EXPECT_EQ(sign_in(bea).error(), "unauthorized");
  commands.push_back({"authentication.setPrimaryUser", {bea.user_id}});
  world.managed(Method::patch, user_path(ada), {{"blocked", false}});
  EXPECT_EQ(sign_in(bea).error(), "access_denied") << "one user, and no second";
}

TEST_P(LinkedIdentities, are_as_blocked_as_their_user) {
  world.managed(Method::patch, user_path(bea), {{"blocked", true}});
  link_bea_to_ada();
  EXPECT_EQ(sign_in(bea).status, 200) << "whether they are blocked is the user's";
  world.managed(Method::patch, user_path(ada), {{"blocked", true}});
  EXPECT_EQ(sign_in(bea).error(), "unauthorized");
  EXPECT_EQ(logged("f", "user_id"), ada.user_id);
  auto wrong = bea;
  wrong.password = "wrong";
  EXPECT_EQ(sign_in(wrong).error(), "invalid_grant");
  EXPECT_EQ(logged("fp", "user_id"), ada.user_id);
  EXPECT_EQ(logged("fp", "connection"), kStaff);
}

// --- What ends with a link ---

TEST_P(LinkedIdentities, keep_nothing_that_they_held_as_users) {
  const auto role = world.managed(Method::post, "roles", {{"name", "reader"}}).as_object();
  world.managed(Method::post, user_path(bea) + "/roles", {{"roles", json::array{role.at("id")}}});
  const auto tokens = sign_in(bea);
  Browser browser(world.node());
  const auto code = sign_in(browser, bea).parameter("code");
  ASSERT_FALSE(code.empty());
  Browser elsewhere(world.node());
  const auto login = open(elsewhere);
  link_bea_to_ada();
  EXPECT_EQ(world.refresh(app, tokens.refresh_token()).error(), "invalid_grant");
  EXPECT_EQ(redeem(code).error(), "invalid_grant");
  EXPECT_TRUE(open(browser).is_login_page());
  EXPECT_THAT(found(user_path(ada) + "/roles"), IsEmpty());
  EXPECT_NE(elsewhere.submit_login(login, bea).parameter("code"), "") << "whoever comes later comes as the user";

  // Nor do they get it back.
  ASSERT_EQ(unlink(ada, bea).status, 200);
  EXPECT_EQ(world.refresh(app, tokens.refresh_token()).error(), "invalid_grant");
  EXPECT_TRUE(open(browser).is_login_page());
  EXPECT_THAT(found(user_path(bea) + "/roles"), IsEmpty());
  EXPECT_EQ(world.managed(Method::get, user_path(bea) + "/sessions").at("sessions").as_array().size(), 0u);
}

TEST_P(LinkedIdentities, are_themselves_again_once_they_are_unlinked) {
  const auto before = user(bea);
  link_bea_to_ada();
  const auto tokens = sign_in(bea);
  const auto answer = unlink(ada, bea);
  ASSERT_EQ(answer.status, 200) << answer.body;
  ASSERT_EQ(list_of(answer).size(), 1u);
  EXPECT_EQ(list_of(answer).at(0).at("user_id"), json::value(own_id(ada)));
  auto after = user(bea);
  EXPECT_EQ(after.at("user_metadata"), before.at("user_metadata"));
  EXPECT_EQ(after.at("identities"), before.at("identities"));
  EXPECT_EQ(claim(sign_in(bea).text("id_token"), "sub"), bea.user_id);
  EXPECT_EQ(world.refresh(app, tokens.refresh_token()).status, 200) << "what the user holds is the user's";
  EXPECT_EQ(claim(sign_in(ada, kPasswordRealm).text("id_token"), "sub"), ada.user_id);
}

TEST_P(LinkedIdentities, go_with_their_user) {
  link_bea_to_ada();
  EXPECT_EQ(world.manage(Method::delete_, user_path(ada)).status, 204);
  EXPECT_EQ(sign_in(bea).error(), "invalid_grant");
  EXPECT_EQ(unlink(ada, bea).status, 404);
  world.create_user("bea@staff.example", {{"connection", kStaff}, {"username", "bea"}});
}

// --- Refusals ---

TEST_P(LinkedIdentities, are_refused_with_a_reason) {
  const User nobody{"auth0|nobody", "", ""};
  EXPECT_EQ(message(link(nobody, bea), 404), "The user does not exist.");
  EXPECT_EQ(message(link(ada, nobody), 400), "Linking to an inexistent identity is not allowed");
  EXPECT_EQ(message(link(ada, ada), 400), "Main identity and the new one are the same");
  EXPECT_EQ(message(link_by(ada, {{"provider", "google-oauth2"}, {"user_id", own_id(bea)}}), 400),
            "Linking to an inexistent identity is not allowed");
  EXPECT_THAT(message(link_by(ada, {{"provider", "auth0"}}), 400), HasSubstr("user_id"));
  EXPECT_THAT(message(link_by(ada, {{"user_id", own_id(bea)}}), 400), HasSubstr("provider"));
  EXPECT_THAT(message(link_by(ada, {{"provider", "auth0"}, {"user_id", true}}), 400), HasSubstr("user_id"));
  EXPECT_EQ(message(link_by(ada, {{"provider", "auth0"}, {"user_id", 17}}), 400),
            "Linking to an inexistent identity is not allowed");
  EXPECT_THAT(
      message(link_by(ada, {{"provider", "auth0"}, {"user_id", own_id(bea)}, {"connection_id", "con_0000000000000000"}}), 400),
      HasSubstr("another connection"));
  EXPECT_EQ(world.manage(Method::get, user_path(bea)).status, 200) << "nothing was linked";

  ASSERT_EQ(link_by(ada, {{"provider", "auth0"}, {"user_id", bea.user_id}, {"connection_id", staff_id}}).status, 201)
      << "the whole user_id is understood, too";
  const auto again = link(ada, bea);
  EXPECT_EQ(message(again, 409), "Specified identity already exists");
  const auto cem = world.create_user("cem@example.com");
  EXPECT_EQ(link(cem, bea).status, 409);
  EXPECT_EQ(link(bea, cem).status, 404);
  EXPECT_EQ(message(unlink(ada, ada), 400), "Main identity cannot be removed");
  EXPECT_EQ(unlink(ada, cem).status, 404);
  EXPECT_EQ(unlink(cem, bea).status, 404);
  EXPECT_EQ(unlink(nobody, bea).status, 404);
  EXPECT_EQ(user(ada).at("identities").as_array().size(), 2u);
}

}  // namespace
}  // namespace segue::test
