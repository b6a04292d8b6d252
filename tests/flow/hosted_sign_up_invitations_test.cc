// The sign-up page for who is invited to an organization or finds it open, and what happens when many send it at once; on both
// engines (contract §2.1 invitation, §9.11).
#include <atomic>
#include <barrier>
#include <thread>

#include "hosted_sign_up_flow.h"
#include "support/engines.h"

namespace segue::test {
namespace {

using namespace std::chrono_literals;
using http::Method;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

struct HostedSignUpOn : HostedSignUpFlow, ::testing::WithParamInterface<Engine> {
  HostedSignUpOn() : HostedSignUpFlow({.engine = GetParam()}) {}

  Client app = world.create_client({{"name", "app"},
                                    {"app_type", "regular_web"},
                                    {"organization_usage", "allow"},
                                    {"initiate_login_uri", "https://app.example/login"},
                                    {"callbacks", json::array{kCallback}},
                                    {"grant_types", json::array{"authorization_code", "refresh_token"}}});
  std::string acme = *json::find_string(
      world
          .managed(Method::post, "organizations",
                   {{"name", "acme"}, {"enabled_connections", json::array{json::object{{"connection_id", connection_id}}}}})
          .as_object(),
      "id");

  struct Made {
    std::string id, ticket;
  };
  Made invite(const std::string& email = "Grace@example.com", json::object more = {}) {
    json::object body{
        {"inviter", json::object{{"name", "Ada"}}}, {"invitee", json::object{{"email", email}}}, {"client_id", app.client_id}};
    for (const auto& each : more) body[each.key()] = each.value();
    const auto made = world.managed(Method::post, "organizations/" + acme + "/invitations", body).as_object();
    return {*json::find_string(made, "id"), query_of(*json::find_string(made, "invitation_url")).find("invitation").value_or("")};
  }
  http::Parameters invited(const std::string& ticket) {
    return parameters({{"invitation", ticket}, {"organization", acme}, {"scope", "openid"}});
  }
  void set_enabled(json::object fields) {
    world.managed(Method::patch, "organizations/" + acme + "/enabled_connections/" + connection_id, fields);
  }
  std::size_t members() { return world.managed(Method::get, "organizations/" + acme + "/members").as_array().size(); }
};
INSTANTIATE_TEST_SUITE_P(Engines, HostedSignUpOn, ::testing::ValuesIn(engines()));

TEST_P(HostedSignUpOn, of_one_address_happens_once_however_many_try_at_once) {
  auto& other = world.add_node();
  constexpr int kTries = 8;
  std::vector<std::unique_ptr<Browser>> browsers;
  std::vector<Page> pages;
  for (int k = 0; k < kTries; ++k) {
    browsers.push_back(std::make_unique<Browser>(k % 2 == 0 ? world.node() : other));
    pages.push_back(browsers.back()->open(authorize_url(web, kCallback, parameters({{"screen_hint", "signup"}}))));
    ASSERT_TRUE(is_sign_up_page(pages.back()));
  }
  std::atomic<int> made{0}, refused{0};
  std::barrier together(kTries);
  std::vector<std::thread> threads;
  for (std::size_t k = 0; k < kTries; ++k) {
    threads.emplace_back([&, k] {
      together.arrive_and_wait();
      const auto end = browsers[k]->submit(pages[k], filled(pages[k], "grace@example.com"));
      if (!end.parameter("code").empty()) ++made;
      if (end.response.body.find(base::escape_html(kNoDetails)) != std::string::npos) ++refused;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(made, 1);
  EXPECT_EQ(refused, kTries - 1);
  EXPECT_THAT(world.logs("type:ss"), SizeIs(1));
}

TEST_P(HostedSignUpOn, of_one_page_sent_twice_signs_one_person_in) {
  const auto page = sign_up_page();
  constexpr int kTries = 6;
  std::atomic<int> ended{0};
  std::barrier together(kTries);
  std::vector<std::thread> threads;
  for (int k = 0; k < kTries; ++k) {
    threads.emplace_back([&, k] {
      auto same = browser;
      together.arrive_and_wait();
      // Different addresses, so that the accounts do not exclude each other: the request does.
      if (!same.submit(page, filled(page, "grace" + std::to_string(k) + "@example.com")).parameter("code").empty()) ++ended;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(ended, 1);
  EXPECT_THAT(world.logs("type:s"), SizeIs(1));
}

TEST_P(HostedSignUpOn, comes_first_for_who_is_invited_and_has_no_account) {
  const auto role = *json::find_string(world.managed(Method::post, "roles", {{"name", "editor"}}).as_object(), "id");
  const auto made = invite("Grace@example.com", {{"roles", json::array{role}}, {"app_metadata", json::object{{"plan", "gold"}}}});
  const auto page = authorize(app, invited(made.ticket));
  ASSERT_TRUE(is_sign_up_page(page)) << page.url;
  EXPECT_EQ(page.field("email"), "grace@example.com");
  EXPECT_THAT(page.response.body, HasSubstr(" readonly "));
  const auto tokens = redeem(app, sign_up(page, page.field("email")).parameter("code"));
  ASSERT_EQ(tokens.status, 200) << json::write(tokens.body);
  EXPECT_EQ(claim(tokens.text("id_token"), "org_id"), acme);
  const auto user = stored("grace@example.com");
  EXPECT_FALSE(user->email_verified) << "the link also stands in the answer of the Management API";
  EXPECT_EQ(json::write(*json::find(user->profile, "app_metadata")), R"({"plan":"gold"})");
  EXPECT_EQ(members(), 1u);
  const auto rows = world.logs("type:si");
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_THAT(json::write(rows.front()), HasSubstr(made.id));
  EXPECT_EQ(json::find_string(world.logs("type:ss").front(), "organization_id"), acme);
  // Whoever follows the link again has an account now, and the invitation is used.
  EXPECT_TRUE(authorize(app, invited(made.ticket)).is_login_page());
}

TEST_P(HostedSignUpOn, is_not_for_who_is_invited_and_has_an_account) {
  const auto page = authorize(app, invited(invite("ada@example.com").ticket));
  ASSERT_TRUE(page.is_login_page());
  EXPECT_EQ(page.field("username"), "ada@example.com");
  EXPECT_THAT(page.response.body, Not(HasSubstr("/u/signup")));
  EXPECT_FALSE(browser.submit_login(page, ada).parameter("code").empty());
}

TEST_P(HostedSignUpOn, takes_no_other_address_than_the_invited_one) {
  const auto page = authorize(app, invited(invite().ticket));
  expect_page(sign_up(page, "eve@example.com"), 403, "The invitation is for grace@example.com: sign up with this address.");
  EXPECT_FALSE(stored("eve@example.com"));
  EXPECT_EQ(count_logs("type:fi"), 1u);
  EXPECT_FALSE(sign_up(page, "GRACE@example.com").parameter("code").empty()) << "a refusal spends nothing";
}

TEST_P(HostedSignUpOn, makes_no_account_for_an_invitation_that_is_over) {
  constexpr const char* kOver = "The invitation was used, has expired, or is for another person or connection";
  const auto late = invite("grace@example.com", {{"ttl_sec", 60}});
  const auto page = authorize(app, invited(late.ticket));
  world.clock.advance(60s);
  expect_page(sign_up(page, "grace@example.com"), 403, kOver);
  EXPECT_EQ(count_logs("type:fi"), 1u);
  const auto taken_back = invite();
  const auto second = authorize(app, invited(taken_back.ticket));
  world.managed(Method::delete_, "organizations/" + acme + "/invitations/" + taken_back.id);
  expect_page(sign_up(second, "grace@example.com"), 403, kOver);
  auto forged = invite().ticket;
  forged.back() = forged.back() == 'A' ? 'E' : 'A';
  const auto login = authorize(app, invited(forged));
  EXPECT_TRUE(login.is_login_page()) << "a forged link does not tell who is invited, or who has an account";
  EXPECT_EQ(login.field("username"), "");
  const auto third = browser.open("/u/signup?state=" + login.field("state"));
  EXPECT_TRUE(third.is_login_page());
  EXPECT_FALSE(stored("grace@example.com"));
  EXPECT_THAT(world.logs("type:ss"), IsEmpty());
}

TEST_P(HostedSignUpOn, accepts_an_invitation_once_however_many_try_at_once) {
  const auto ticket = invite().ticket;
  auto& other = world.add_node();
  constexpr int kTries = 8;
  std::vector<std::unique_ptr<Browser>> browsers;
  std::vector<Page> pages;
  for (int k = 0; k < kTries; ++k) {
    browsers.push_back(std::make_unique<Browser>(k % 2 == 0 ? world.node() : other));
    pages.push_back(browsers.back()->open(authorize_url(app, kCallback, invited(ticket))));
    ASSERT_TRUE(is_sign_up_page(pages.back()));
  }
  std::atomic<int> accepted{0}, refused{0};
  std::barrier together(kTries);
  std::vector<std::thread> threads;
  for (std::size_t k = 0; k < kTries; ++k) {
    threads.emplace_back([&, k] {
      together.arrive_and_wait();
      const auto end = browsers[k]->submit(pages[k], filled(pages[k], "grace@example.com"));
      ++(end.parameter("code").empty() ? refused : accepted);
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(accepted, 1);
  EXPECT_EQ(refused, kTries - 1);
  EXPECT_THAT(world.logs("type:si"), SizeIs(1));
  EXPECT_THAT(world.logs("type:ss"), SizeIs(1));
  EXPECT_EQ(members(), 1u);
}

TEST_P(HostedSignUpOn, uses_the_connection_that_the_invitation_names) {
  const auto partners =
      world
          .managed(Method::post, "connections",
                   {{"name", "partners"}, {"strategy", "auth0"}, {"enabled_clients", json::array{app.client_id}}})
          .as_object();
  const auto id = *json::find_string(partners, "id");
  world.managed(Method::post, "organizations/" + acme + "/enabled_connections", {{"connection_id", id}});
  const auto page = authorize(app, invited(invite("ada@example.com", {{"connection_id", id}}).ticket));
  ASSERT_TRUE(is_sign_up_page(page)) << "Ada's account is of another connection";
  ASSERT_FALSE(sign_up(page, "ada@example.com").parameter("code").empty());
  const auto members = world.managed(Method::get, "organizations/" + acme + "/members").as_array();
  ASSERT_THAT(members, SizeIs(1));
  EXPECT_NE(json::find_string(members.front().as_object(), "user_id"), ada.user_id);
}

TEST_P(HostedSignUpOn, is_open_to_who_is_invited_by_the_connection_or_by_the_organization) {
  set_options({{"disable_signup", true}});
  const auto ticket = invite().ticket;
  EXPECT_TRUE(authorize(app, invited(ticket)).is_login_page());
  set_enabled({{"is_signup_enabled", true}});
  const auto page = authorize(app, invited(ticket));
  ASSERT_TRUE(is_sign_up_page(page));
  const auto uninvited = parameters({{"organization", acme}, {"screen_hint", "signup"}});
  EXPECT_TRUE(authorize(app, uninvited).is_login_page()) << "others find it closed";
  EXPECT_FALSE(sign_up(page, "grace@example.com").parameter("code").empty());
}

TEST_P(HostedSignUpOn, for_an_organization_needs_its_leave_and_its_membership) {
  const auto uninvited = parameters({{"organization", acme}, {"screen_hint", "signup"}, {"scope", "openid"}});
  EXPECT_TRUE(authorize(app, uninvited).is_login_page());
  set_enabled({{"is_signup_enabled", true}});
  EXPECT_TRUE(authorize(app, uninvited).is_login_page()) << "the account could not sign in here";
  set_enabled({{"assign_membership_on_login", true}});
  const auto page = authorize(app, uninvited);
  ASSERT_TRUE(is_sign_up_page(page));
  set_enabled({{"is_signup_enabled", false}});
  expect_page(sign_up(page, "grace@example.com"), 403, "New accounts cannot be made here.");
  EXPECT_FALSE(stored("grace@example.com"));
  set_enabled({{"is_signup_enabled", true}});
  const auto tokens = redeem(app, sign_up(page, "grace@example.com").parameter("code"));
  EXPECT_EQ(claim(tokens.text("id_token"), "org_id"), acme);
  EXPECT_EQ(members(), 1u);
}

}  // namespace
}  // namespace segue::test
