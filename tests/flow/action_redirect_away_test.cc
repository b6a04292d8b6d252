// What changes while the person is away counts when they are back; the other stages and the handoff wait for them (design §3,
// §4).
#include "action_redirect_flow.h"

namespace segue::test {
namespace {
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(ActionRedirect, runs_an_action_that_was_bound_meanwhile_wherever_it_stands) {
  auto browser = h.browser();
  const auto away = send_away(browser);
  const auto list = h.world.node().product().tenants().snapshot(h.world.tenant())->bindings("post-login");
  // bind() makes new Actions; the old ones keep their ids here.
  h.world.node().product().tenants().change(h.world.tenant(), [&](const store::Writer& w) {
    model::Action action;
    action.action_id = "action-strict", action.name = "Strict-1", action.trigger_id = "post-login";
    action.draft.code = "exports.onExecutePostLogin = async () => {};", action.draft.runtime = "node22";
    action.created_at = action.updated_at = h.world.clock.now();
    store::actions::insert(w, action);
    store::actions::deploy(w, {.action_id = action.action_id,
                               .version_id = "version-strict",
                               .number = 1,
                               .source = action.draft,
                               .created_at = h.world.clock.now()});
    std::vector<model::ActionBinding> bindings;
    const auto add = [&](const std::string& action_id) {
      bindings.push_back({.binding_id = "b-" + action_id,
                          .trigger_id = "post-login",
                          .action_id = action_id,
                          .display_name = action_id,
                          .created_at = h.world.clock.now(),
                          .updated_at = h.world.clock.now()});
    };
    add("action-strict");
    for (const auto& bound : *list) add(bound.action.action_id);
    store::trigger_bindings::replace(w, "post-login", bindings);
    return true;
  });
  played.scripts["Strict"] = [](const auto&, bool) -> Commands { return {{"access.deny", {"Closed."}}}; };
  EXPECT_TRUE(tells(browser.open(continue_url(away)), "access_denied"));
  EXPECT_THAT(played.ran, ElementsAre("First", "Terms", "Terms goes on", "Strict"));
}

TEST_F(ActionRedirect, goes_on_without_an_action_that_is_bound_no_more) {
  auto browser = h.browser();
  const auto away = send_away(browser);
  rebind({"Another"});
  EXPECT_TRUE(signs_in(browser.open(continue_url(away))));
  EXPECT_THAT(played.ran, ElementsAre("First", "Terms", "Another"));
  rebind({"Terms"});
  auto other = h.browser();
  const auto second = send_away(other);
  rebind({});
  EXPECT_TRUE(signs_in(other.open(continue_url(second))));
}

TEST_F(ActionRedirect, ends_when_the_user_was_blocked_or_has_another_password) {
  auto browser = h.browser();
  auto away = send_away(browser);
  h.world.managed(http::Method::patch, "users/" + h.ada.user_id, {{"blocked", true}});
  EXPECT_TRUE(tells(browser.open(continue_url(away)), "unauthorized"));
  h.world.managed(http::Method::patch, "users/" + h.ada.user_id, {{"blocked", false}});
  away = send_away(browser);
  ASSERT_TRUE(is_away(away));
  h.world.clock.advance(1s);
  h.world.managed(http::Method::patch, "users/" + h.ada.user_id, {{"password", "Another-Passw0rd!"}});
  EXPECT_TRUE(tells(browser.open(continue_url(away)), "login_required"));
  EXPECT_THAT(played.ran, ElementsAre("First", "Terms", "First", "Terms"));
  EXPECT_FALSE(browser.cookies().contains("auth0"));
}

TEST_F(ActionRedirect, ends_when_the_session_that_goes_on_was_revoked) {
  rebind({});
  auto browser = h.browser_of(h.ada);
  const auto sid = h.stored_session(browser).sid;
  rebind({"Terms"});
  const auto away = h.open(browser);
  h.world.managed(http::Method::delete_, "sessions/" + sid);
  EXPECT_TRUE(tells(browser.open(continue_url(away)), "login_required"));
  EXPECT_THAT(played.ran, ElementsAre("Terms"));
}

// --- Beside the other stages. ---

TEST_F(ActionRedirect, ends_with_the_row_of_the_invitation_that_ended_meanwhile) {
  using http::Method;
  auto& world = h.world;
  world.managed(Method::patch, "clients/" + h.web.client_id,
                {{"organization_usage", "allow"}, {"initiate_login_uri", "https://app.example/login"}});
  const auto connection =
      world.managed(Method::get, std::string("connections?name=") + kPasswordRealm).as_array().at(0).as_object();
  const auto organization = *json::find_string(
      world
          .managed(Method::post, "organizations",
                   {{"name", "acme"}, {"enabled_connections", json::array{json::object{{"connection_id", connection.at("id")}}}}})
          .as_object(),
      "id");
  const auto path = "organizations/" + organization + "/invitations";
  const auto made = world
                        .managed(Method::post, path,
                                 {{"inviter", json::object{{"name", "Grace"}}},
                                  {"invitee", json::object{{"email", h.ada.email}}},
                                  {"client_id", h.web.client_id}})
                        .as_object();
  const auto ticket = query_of(*json::find_string(made, "invitation_url")).find("invitation").value_or("");
  Browser browser(world.node());
  const auto away = send_away(browser, parameters({{"invitation", ticket}, {"organization", organization}}));
  ASSERT_TRUE(is_away(away)) << away.url;
  world.managed(Method::delete_, path + "/" + *json::find_string(made, "id"));
  const auto end = browser.open(continue_url(away));
  EXPECT_EQ(end.parameter("error"), "access_denied") << end.url;
  const auto rows = world.logs("type:fi");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(json::find_string(rows.front(), "user_id"), h.ada.user_id);
  EXPECT_EQ(played.ran.back(), "Terms") << "no Action goes on for it";
}

TEST_F(ActionRedirect, comes_before_consent) {
  auto browser = h.browser();
  const auto away = send_away(browser, parameters({{"prompt", "consent"}}));
  ASSERT_TRUE(is_away(away));
  const auto told = runner.in_event("session.id");
  const auto consent = browser.open(continue_url(away));
  ASSERT_THAT(consent.url, HasSubstr("/u/consent?state="));
  EXPECT_FALSE(browser.cookies().contains("auth0"));
  const auto page = browser.submit(
      consent, parameters({{"state", consent.field("state")}, {"csrf", consent.field("csrf")}, {"action", "accept"}}));
  ASSERT_TRUE(signs_in(page)) << page.response.body;
  EXPECT_EQ(h.stored_session(browser).sid, told);
  EXPECT_EQ(browser.open(continue_url(away)).status, 400);
}

TEST_F(ActionRedirect, keeps_the_login_page_from_being_stopped_by_its_own_policy) {
  auto browser = h.browser();
  EXPECT_THAT(header_of(h.open(browser).response, "content-security-policy"),
              HasSubstr("form-action 'self' https://app.example https: http:;"));
  rebind({});
  EXPECT_THAT(header_of(h.open(browser).response, "content-security-policy"),
              HasSubstr("form-action 'self' https://app.example;"));
}

// --- The handoff. ---

struct RedirectedHandoff : ActionRedirect {
  std::string refresh_token, token;
  RedirectedHandoff() {
    rebind({});
    refresh_token = h.sign_in();
    token = h.transfer_of(refresh_token);
    rebind({"First", "Terms", "Last"});
    played.ran.clear();
  }
};

TEST_F(RedirectedHandoff, spends_the_transfer_and_opens_its_session_when_the_person_is_back) {
  auto browser = h.browser();
  const auto away = h.redeem(browser, token);
  ASSERT_TRUE(is_away(away)) << away.url;
  EXPECT_EQ(away.url.find(token), std::string::npos);
  EXPECT_FALSE(browser.cookies().contains("auth0"));
  auto second = h.browser();
  EXPECT_TRUE(h.redeem(second, token).is_login_page());

  ASSERT_TRUE(signs_in(browser.open(continue_url(away))));
  EXPECT_EQ(runner.in_event("session_transfer_token.client_id"), h.native.client_id);
  const auto session = h.stored_session(browser);
  EXPECT_TRUE(session.opened_by_transfer);
  EXPECT_FALSE(session.ancestry.transfer_id.empty());
  EXPECT_EQ(detail_of(h.only_row("s"), "triggered_by_session_transfer_token"), "true");
}

TEST_F(RedirectedHandoff, ends_when_the_parent_was_revoked_while_the_person_was_away) {
  auto browser = h.browser();
  const auto away = h.redeem(browser, token);
  h.revoke(refresh_token, true);
  EXPECT_TRUE(tells(browser.open(continue_url(away)), "login_required"));
  EXPECT_THAT(played.ran, ElementsAre("First", "Terms"));
  EXPECT_FALSE(browser.cookies().contains("auth0"));
  EXPECT_EQ(detail_of(h.only_row("f"), "triggered_by_session_transfer_token"), "true");
}

TEST_F(RedirectedHandoff, ends_when_the_parent_is_revoked_while_the_last_action_runs) {
  played.scripts["Last"] = [&](const auto&, bool) -> Commands {
    h.revoke(refresh_token, true);
    return {};
  };
  auto browser = h.browser();
  const auto away = h.redeem(browser, token);
  EXPECT_TRUE(tells(browser.open(continue_url(away)), "login_required"));
  EXPECT_FALSE(browser.cookies().contains("auth0"));
}

}  // namespace
}  // namespace segue::test
