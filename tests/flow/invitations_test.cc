// Invitations to an organization: made by the Management API, mailed, and accepted once by signing in (contract §9.12).
#include <gmock/gmock.h>

#include <atomic>
#include <barrier>
#include <thread>

#include "openid.h"
#include "support/engines.h"

namespace segue::test {
namespace {

using namespace std::chrono_literals;
using http::Method;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr const char* kNotInvited =
    "The invitation was used, has expired, or is for another person or connection: ask for a new one.";

struct Invitations : OpenId, ::testing::WithParamInterface<Engine> {
  Invitations() : OpenId({.engine = GetParam()}) {}
  Client app = world.create_client({{"name", "app"},
                                    {"app_type", "regular_web"},
                                    {"organization_usage", "allow"},
                                    {"initiate_login_uri", "https://app.example/login"},
                                    {"callbacks", json::array{kCallback}},
                                    {"grant_types", json::array{"authorization_code", "refresh_token"}}});
  std::string connection_id = *json::find_string(
      world.managed(Method::get, std::string("connections?name=") + kPasswordRealm).as_array().at(0).as_object(), "id");
  std::string acme =
      *json::find_string(world
                             .managed(Method::post, "organizations",
                                      {{"name", "acme"},
                                       {"display_name", "Acme & Co"},
                                       {"enabled_connections", json::array{json::object{{"connection_id", connection_id}}}}})
                             .as_object(),
                         "id");
  std::string path = "organizations/" + acme + "/invitations";

  json::object body(json::object more = {}) const {
    json::object out{{"inviter", json::object{{"name", "Grace"}}},
                     {"invitee", json::object{{"email", "ADA@example.com"}}},
                     {"client_id", app.client_id}};
    for (const auto& each : more) out[each.key()] = each.value();
    return out;
  }
  struct Made {
    std::string id, url, ticket;
  };
  Made invite(json::object more = {}) {
    const auto answer = world.managed(Method::post, path, body(std::move(more))).as_object();
    Made out{*json::find_string(answer, "id"), *json::find_string(answer, "invitation_url"), {}};
    out.ticket = query_of(out.url).find("invitation").value_or("");
    return out;
  }
  Page accept(const std::string& ticket) {
    const auto page = authorize(app, parameters({{"invitation", ticket}, {"organization", acme}, {"scope", "openid"}}));
    if (page.left) return page;
    // Who is asked to make an account goes back to the login page.
    return browser.submit_login(browser.open("/u/login?state=" + page.field("state")), ada);
  }
  bool is_member() { return !world.managed(Method::get, "organizations/" + acme + "/members").as_array().empty(); }
  std::string refusal(json::object more, int status = 400) {
    const auto answer = world.manage(Method::post, path, body(std::move(more)));
    EXPECT_EQ(answer.status, status) << answer.body;
    return answer.body;
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, Invitations, ::testing::ValuesIn(engines()));

TEST_P(Invitations, lead_by_mail_to_membership_roles_and_metadata) {
  const auto role = *json::find_string(world.managed(Method::post, "roles", {{"name", "editor"}}).as_object(), "id");
  const auto made = invite({{"roles", json::array{role}}, {"app_metadata", json::object{{"plan", "gold"}}}});
  EXPECT_TRUE(made.url.starts_with("https://app.example/login?invitation=inv_")) << made.url;
  EXPECT_THAT(made.url, HasSubstr("&organization=" + acme + "&organization_name=acme"));
  world.send_mails();
  ASSERT_THAT(world.inbox().mails(), SizeIs(1));
  EXPECT_THAT(world.inbox().text(), HasSubstr(made.url));
  EXPECT_THAT(world.inbox().text(), HasSubstr("Grace invites you to Acme & Co"));

  const auto tokens = redeem(app, accept(made.ticket).parameter("code"));
  ASSERT_EQ(tokens.status, 200) << json::write(tokens.body);
  EXPECT_EQ(claim(tokens.text("id_token"), "org_id"), acme);
  EXPECT_TRUE(is_member());
  const auto roles = world.managed(Method::get, "organizations/" + acme + "/members/" + ada.user_id + "/roles").as_array();
  ASSERT_THAT(roles, SizeIs(1));
  const auto user = world.managed(Method::get, "users/" + ada.user_id).as_object();
  EXPECT_EQ(json::write(user.at("app_metadata")), R"({"plan":"gold"})");
  const auto rows = world.logs("type:si");
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_THAT(json::write(rows.front()), HasSubstr(made.id));
  EXPECT_THAT(json::write(rows.front()), Not(HasSubstr(made.ticket)));
  EXPECT_THAT(world.managed(Method::get, path).as_array(), IsEmpty()) << "what was accepted is open no more";
}

TEST_P(Invitations, are_refused_to_whoever_they_are_not_for_and_leave_nothing_behind) {
  const auto of_other = invite({{"invitee", json::object{{"email", "bob@example.com"}}}});
  expect_told(accept(of_other.ticket), "access_denied", kNotInvited);
  EXPECT_FALSE(browser.cookies().contains("auth0"));
  EXPECT_FALSE(is_member());
  EXPECT_EQ(count_logs("type:fi"), 1u);
  const auto late = invite({{"ttl_sec", 60}});
  world.clock.advance(60s);
  expect_told(accept(late.ticket), "access_denied", kNotInvited);
  const auto taken_back = invite();
  world.managed(Method::delete_, path + "/" + taken_back.id);
  expect_told(accept(taken_back.ticket), "access_denied", kNotInvited);
  auto forged = invite().ticket;
  forged.back() = forged.back() == 'A' ? 'E' : 'A';
  expect_told(accept(forged), "access_denied", kNotInvited);
  EXPECT_EQ(accept("inv_none").parameter("error"), "invalid_request");
  EXPECT_EQ(sign_in(app, parameters({{"invitation", forged}})).parameter("error"), "invalid_request");
  const auto other_app = world.create_client({{"name", "other"},
                                              {"app_type", "regular_web"},
                                              {"organization_usage", "allow"},
                                              {"callbacks", json::array{kCallback}},
                                              {"grant_types", json::array{"authorization_code"}}});
  const auto ticket = invite().ticket;
  expect_told(sign_in(other_app, parameters({{"invitation", ticket}, {"organization", acme}})), "access_denied", kNotInvited);
  EXPECT_FALSE(is_member());
  EXPECT_FALSE(accept(ticket).parameter("code").empty()) << "a refusal spends nothing";
}

TEST_P(Invitations, that_end_while_consent_is_asked_for_are_refused_with_their_row) {
  create_api({{"skip_consent_for_verifiable_first_party_clients", false}});
  const auto made = invite();
  const auto page = sign_in(
      app, parameters({{"invitation", made.ticket}, {"organization", acme}, {"audience", kApi}, {"scope", "openid read:books"}}));
  ASSERT_THAT(page.url, HasSubstr("/u/consent"));
  world.managed(Method::delete_, path + "/" + made.id);
  const auto end =
      browser.submit(page, parameters({{"state", page.field("state")}, {"csrf", page.field("csrf")}, {"action", "accept"}}));
  expect_told(end, "access_denied", kNotInvited);
  const auto rows = world.logs("type:fi");
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_EQ(json::find_string(rows.front(), "user_id"), ada.user_id);
  EXPECT_EQ(json::find_string(rows.front(), "organization_id"), acme);
  EXPECT_FALSE(is_member());
}

TEST_P(Invitations, ask_for_a_sign_in_whatever_session_there_is) {
  ASSERT_FALSE(accept(invite().ticket).parameter("code").empty());
  const auto more = parameters({{"invitation", invite().ticket}, {"organization", acme}});
  EXPECT_TRUE(authorize(app, more).is_login_page());
  auto silent = more;
  silent.add("prompt", "none");
  EXPECT_EQ(authorize(app, silent).parameter("error"), "login_required");
}

TEST_P(Invitations, are_accepted_once_however_many_try_at_once) {
  const auto ticket = invite().ticket;
  auto& other = world.add_node();
  constexpr int kTries = 8;  // fewer than the guesses that lock an account: they count while they are under way
  std::vector<std::unique_ptr<Browser>> browsers;
  std::vector<Page> pages;
  for (int k = 0; k < kTries; ++k) {
    browsers.push_back(std::make_unique<Browser>(k % 2 == 0 ? world.node() : other));
    pages.push_back(browsers.back()->open(
        authorize_url(app, kCallback, parameters({{"invitation", ticket}, {"organization", acme}, {"scope", "openid"}}))));
    ASSERT_TRUE(pages.back().is_login_page());
  }
  std::atomic<int> accepted{0}, refused{0};
  std::barrier together(kTries);
  std::vector<std::thread> threads;
  for (int k = 0; k < kTries; ++k) {
    threads.emplace_back([&, k] {
      together.arrive_and_wait();
      const auto end = browsers[static_cast<std::size_t>(k)]->submit_login(pages[static_cast<std::size_t>(k)], ada);
      if (!end.parameter("code").empty()) ++accepted;
      if (end.parameter("error_description") == kNotInvited) ++refused;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(accepted, 1);
  EXPECT_EQ(refused, kTries - 1);
  EXPECT_THAT(world.logs("type:si"), SizeIs(1));
}

TEST_P(Invitations, are_listed_and_shown_without_their_links) {
  const auto first = invite();
  world.clock.advance(1s);
  const auto second = invite({{"send_invitation_email", false}});
  world.send_mails();
  EXPECT_THAT(world.inbox().mails(), SizeIs(1));
  const auto list = world.managed(Method::get, path + "?sort=created_at:1").as_array();
  ASSERT_THAT(list, SizeIs(2));
  EXPECT_EQ(json::find_string(list.front().as_object(), "id"), first.id);
  const auto shown = world.managed(Method::get, path + "/" + second.id).as_object();
  EXPECT_EQ(json::write(shown.at("inviter")), R"({"name":"Grace"})");
  EXPECT_FALSE(shown.contains("invitation_url"));
  EXPECT_EQ(world.manage(Method::get, path + "/uinv_none").status, 404);
  EXPECT_EQ(world.manage(Method::delete_, path + "/uinv_none").status, 404);
  EXPECT_EQ(world.manage(Method::get, "organizations/org_none/invitations").status, 404);
  world.managed(Method::delete_, "organizations/" + acme);
  EXPECT_EQ(world.manage(Method::get, path + "/" + second.id).status, 404);
}

TEST_P(Invitations, are_refused_where_nobody_could_accept_them) {
  EXPECT_THAT(refusal({{"client_id", "nobody"}}), HasSubstr("The specified client_id does not exist"));
  EXPECT_THAT(refusal({{"client_id", web.client_id}}), HasSubstr("does not allow organizations"));
  EXPECT_THAT(refusal({{"connection_id", "con_0000000000000000"}}), HasSubstr("The specified connection does not exist"));
  EXPECT_THAT(refusal({{"roles", json::array{"rol_none"}}}),
              HasSubstr("One or more of the specified roles do not exist: rol_none"));
  EXPECT_THAT(refusal({{"ttl_sec", 2592001}}), HasSubstr("ttl_sec"));
  EXPECT_THAT(refusal({{"invitee", json::object{{"email", "no"}}}}), HasSubstr("email"));
  patch_client(app, {{"initiate_login_uri", ""}});
  EXPECT_THAT(refusal({}), HasSubstr("A default login route is required to generate the invitation url"));
}

}  // namespace
}  // namespace segue::test
