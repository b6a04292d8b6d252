// The sign-in pipeline at the exchange and at the redemption (design §3 "Authorize is a stored transaction", §8.5), and a
// configuration that changes on another node (design §5).
#include <gtest/gtest.h>

#include <functional>

#include "support/handoff.h"

namespace segue::test {
namespace {
using namespace std::chrono_literals;

constexpr const char* kCookie = "auth0_session_transfer_token";

bool signs_in(const Page& page) { return page.left && !page.parameter("code").empty(); }

// Has a stage for everybody, allows every sign-in, and does what the test wants in the meantime.
class AllowingPipeline final : public oauth::SignInPipeline {
 public:
  bool is_empty(const tenancy::Snapshot&) const override { return false; }
  oauth::SignInResult run(const oauth::SignIn& sign_in) override {
    ++runs;
    saw_transfer = sign_in.session_transfer_token != nullptr;
    if (saw_transfer) transfer_client = sign_in.session_transfer_token->client_id;
    if (meanwhile) meanwhile();
    return {};
  }
  int runs = 0;
  bool saw_transfer = false;
  std::string transfer_client;
  std::function<void()> meanwhile;
};

// A handoff whose pipeline lets everything pass until it is told to deny.
struct Denied {
  DenyingPipeline pipeline;
  Handoff h;
  explicit Denied(HandoffOptions options = {})
      : pipeline(), h([&] {
          pipeline.denies = false;
          options.world.pipeline = &pipeline;
          return options;
        }()) {}
};

struct Allowed {
  AllowingPipeline pipeline;
  Handoff h;
  explicit Allowed(HandoffOptions options = {})
      : pipeline(), h([&] {
          options.world.pipeline = &pipeline;
          return options;
        }()) {}
};

bool sets_no_session(const http::Response& response) {
  for (const auto value : response.headers.find_all("set-cookie")) {
    if (value.starts_with("auth0=") || value.starts_with("auth0_compat=")) return false;
  }
  return true;
}

// --- A refusal. ---

TEST(SessionTransferPipeline, leaves_no_session_and_no_cookie_when_it_refuses) {
  Denied d;
  const auto token = d.h.transfer();
  d.pipeline.denies = true;
  auto browser = d.h.browser();
  const auto page = d.h.redeem(browser, token);
  EXPECT_TRUE(tells(page, "access_denied"));
  EXPECT_EQ(page.parameter("error_description"), "Not today.");
  EXPECT_EQ(page.parameter("state"), "s-1");
  EXPECT_TRUE(sets_no_session(page.response));
  EXPECT_FALSE(browser.cookies().contains("auth0"));
  EXPECT_EQ(d.pipeline.protocols, std::vector<std::string>{"oidc-basic-profile"});
  d.pipeline.denies = false;
  EXPECT_FALSE(d.h.is_unspent(token));
}

TEST(SessionTransferPipeline, logs_its_refusal_as_one_of_a_session_transfer) {
  Denied d;
  const auto token = d.h.transfer();
  d.pipeline.denies = true;
  auto browser = d.h.browser();
  d.h.redeem(browser, token);
  d.pipeline.denies = false;
  const auto row = d.h.only_row("f");
  EXPECT_EQ(text_of(row, "description"), "Not today.");
  EXPECT_EQ(text_of(row, "user_id"), d.h.ada.user_id);
  EXPECT_EQ(text_of(row, "client_id"), d.h.web.client_id);
  EXPECT_EQ(detail_of(row, "triggered_by_session_transfer_token"), "true");
  EXPECT_EQ(text_of(row, "transfer_id"), text_of(d.h.only_row("sertft"), "transfer_id"));
  EXPECT_TRUE(d.h.world.logs("type:s").empty());
}

TEST(SessionTransferPipeline, logs_a_silent_refusal_as_silent) {
  Denied d;
  const auto token = d.h.transfer();
  d.pipeline.denies = true;
  auto browser = d.h.browser();
  EXPECT_TRUE(tells(d.h.redeem(browser, token, parameters({{"prompt", "none"}})), "access_denied"));
  d.pipeline.denies = false;
  EXPECT_EQ(detail_of(d.h.only_row("fsa"), "triggered_by_session_transfer_token"), "true");
}

TEST(SessionTransferPipeline, prompts_at_a_retry_without_the_token) {
  Denied d;
  const auto token = d.h.transfer();
  d.pipeline.denies = true;
  auto browser = d.h.browser();
  browser.plant(kCookie, token);
  EXPECT_TRUE(tells(d.h.open(browser), "access_denied"));
  EXPECT_FALSE(browser.cookies().contains(kCookie));
  d.pipeline.denies = false;
  EXPECT_TRUE(d.h.open(browser).is_login_page());
}

TEST(SessionTransferPipeline, leaves_the_same_users_session_exactly_as_it_was) {
  Denied d;
  auto browser = d.h.browser_of(d.h.ada);
  const auto cookies = browser.cookies();
  const auto before = d.h.stored_session(browser);
  d.h.world.clock.advance(1min);
  const auto token = d.h.transfer();
  d.pipeline.denies = true;
  EXPECT_TRUE(tells(d.h.redeem(browser, token), "access_denied"));
  d.pipeline.denies = false;
  EXPECT_EQ(browser.cookies(), cookies);
  const auto after = d.h.stored_session(browser);
  EXPECT_EQ(after.last_interacted_at, before.last_interacted_at);
  EXPECT_EQ(after.idle_expires_at, before.idle_expires_at);
  EXPECT_EQ(after.expires_at, before.expires_at);
  EXPECT_FALSE(after.revoked_at);
  // A retry without the token uses it.
  EXPECT_EQ(d.h.sid_in(browser), before.sid);
}

TEST(SessionTransferPipeline, leaves_the_session_of_another_family_alive_when_it_refuses) {
  Denied d;
  auto browser = d.h.browser();
  d.h.redeem(browser, d.h.transfer());
  const auto sid = d.h.sid_in(browser);
  const auto token = d.h.transfer();
  d.pipeline.denies = true;
  EXPECT_TRUE(tells(d.h.redeem(browser, token), "access_denied"));
  d.pipeline.denies = false;
  EXPECT_EQ(d.h.sid_in(browser), sid);
}

TEST(SessionTransferPipeline, is_not_asked_about_a_token_that_is_not_good) {
  Denied d;
  auto browser = d.h.browser_of(d.h.world.create_user("bob@example.com"));
  const auto token = d.h.transfer();
  d.pipeline.denies = true;
  EXPECT_TRUE(d.h.redeem(browser, token).is_login_page());
  EXPECT_TRUE(d.pipeline.protocols.empty());
  // The session of another user has ended before any pipeline.
  EXPECT_FALSE(browser.cookies().contains("auth0"));
}

TEST(SessionTransferPipeline, leaves_the_refresh_token_as_it_was_when_it_refuses_the_exchange) {
  Denied d;
  const auto refresh_token = d.h.sign_in();
  d.pipeline.denies = true;
  const auto answer = d.h.world.exchange(d.h.native, refresh_token);
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(answer.error(), "access_denied");
  EXPECT_EQ(answer.text("error_description"), "Not today.");
  EXPECT_EQ(d.pipeline.protocols, std::vector<std::string>{"oauth2-refresh-token"});
  d.pipeline.denies = false;
  EXPECT_EQ(text_of(d.h.only_row("fertft"), "description"), "Not today.");
  EXPECT_TRUE(d.h.is_unspent(d.h.transfer_of(refresh_token)));
}

// --- A pipeline that allows. ---

TEST(SessionTransferPipeline, opens_the_same_session_where_it_has_something_to_do) {
  Allowed a;
  auto browser = a.h.browser();
  const auto page = a.h.redeem(browser, a.h.transfer());
  ASSERT_TRUE(signs_in(page)) << page.url;
  EXPECT_TRUE(a.pipeline.saw_transfer);
  EXPECT_EQ(a.pipeline.transfer_client, a.h.native.client_id);
  EXPECT_EQ(text_of(claims_of(a.h.exchange_code(page).text("id_token")), "sid"), a.h.sid_in(browser));
  EXPECT_FALSE(a.pipeline.saw_transfer);
  EXPECT_TRUE(a.h.stored_session(browser).opened_by_transfer);
}

TEST(SessionTransferPipeline, joins_the_same_users_session_where_it_has_something_to_do) {
  Allowed a;
  auto browser = a.h.browser_of(a.h.ada);
  const auto sid = a.h.sid_in(browser);
  auto old_cookie = browser;
  ASSERT_TRUE(signs_in(a.h.redeem(browser, a.h.transfer())));
  EXPECT_EQ(a.h.sid_in(browser), sid);
  EXPECT_EQ(a.h.sid_in(old_cookie), "");
}

TEST(SessionTransferPipeline, opens_nothing_when_the_parent_ends_meanwhile) {
  Allowed a;
  const auto refresh_token = a.h.sign_in();
  const auto token = a.h.transfer_of(refresh_token);
  a.pipeline.meanwhile = [&] { a.h.revoke(refresh_token, false); };
  auto browser = a.h.browser();
  const auto page = a.h.redeem(browser, token);
  EXPECT_TRUE(tells(page, "login_required"));
  EXPECT_TRUE(sets_no_session(page.response));
  EXPECT_EQ(detail_of(a.h.only_row("f"), "triggered_by_session_transfer_token"), "true");
}

TEST(SessionTransferPipeline, opens_nothing_for_a_user_who_is_blocked_meanwhile) {
  Allowed a;
  const auto token = a.h.transfer();
  a.pipeline.meanwhile = [&] {
    a.h.world.managed(http::Method::patch, "users/" + a.h.ada.user_id, json::object{{"blocked", true}});
  };
  auto browser = a.h.browser();
  const auto page = a.h.redeem(browser, token);
  EXPECT_TRUE(tells(page, "login_required"));
  EXPECT_TRUE(sets_no_session(page.response));
}

TEST(SessionTransferPipeline, mints_nothing_when_the_family_ends_meanwhile) {
  Allowed a;
  const auto refresh_token = a.h.sign_in();
  a.pipeline.meanwhile = [&] { a.h.revoke(refresh_token, true); };
  EXPECT_EQ(a.h.world.exchange(a.h.native, refresh_token).error(), "invalid_grant");
}

TEST(SessionTransferPipeline, opens_nothing_where_the_creator_is_disabled_meanwhile) {
  Allowed a;
  const auto token = a.h.transfer();
  a.pipeline.meanwhile = [&] { a.h.set_native({{"can_create_session_transfer_token", false}}); };
  auto browser = a.h.browser();
  EXPECT_TRUE(tells(a.h.redeem(browser, token), "login_required"));
}

TEST(SessionTransferPipeline, gives_no_refresh_token_that_the_client_was_denied_meanwhile) {
  Allowed a({.web_transfer = {{"allow_refresh_token", true}}});
  const auto token = a.h.transfer();
  a.pipeline.meanwhile = [&] { a.h.set_web({{"allow_refresh_token", false}}); };
  auto browser = a.h.browser();
  const auto page = a.h.redeem(browser, token, parameters({{"scope", "openid offline_access"}}));
  const auto tokens = a.h.exchange_code(page);
  EXPECT_EQ(tokens.status, 200);
  EXPECT_EQ(tokens.refresh_token(), "");
}

// --- A configuration that changes on another node. ---

class EveryEngine : public ::testing::TestWithParam<Engine> {};
INSTANTIATE_TEST_SUITE_P(SessionTransferConfiguration, EveryEngine, ::testing::Values(Engine::sqlite, Engine::postgres),
                         [](const auto& engine) { return engine.param == Engine::sqlite ? "sqlite" : "postgres"; });

TEST_P(EveryEngine, is_obeyed_at_once_on_another_node) {
  if (GetParam() == Engine::postgres && !FreshDatabase::server_url()) GTEST_SKIP() << "no PostgreSQL";
  HandoffOptions options;
  options.world.engine = GetParam();
  Handoff h(options);
  auto& other = h.world.add_node();
  const auto open_there = [&] {
    Browser browser(other);
    return h.redeem(browser, h.transfer());
  };
  EXPECT_TRUE(signs_in(open_there()));
  h.set_web({{"allowed_authentication_methods", json::array{}}});
  EXPECT_TRUE(open_there().is_login_page());
  EXPECT_EQ(detail_of(h.only_row("w"), "reason"), "client_not_enabled");
  h.set_web({{"allowed_authentication_methods", json::array{"query"}}});
  EXPECT_TRUE(signs_in(open_there()));
  h.set_native({{"can_create_session_transfer_token", false}});
  EXPECT_EQ(h.world.exchange(h.native, h.sign_in(), &other).error(), "unauthorized_client");
}

TEST_P(EveryEngine, ends_on_every_node_with_its_parent) {
  if (GetParam() == Engine::postgres && !FreshDatabase::server_url()) GTEST_SKIP() << "no PostgreSQL";
  HandoffOptions options;
  options.world.engine = GetParam();
  Handoff h(options);
  auto& other = h.world.add_node();
  const auto refresh_token = h.sign_in();
  Browser browser(other);
  ASSERT_TRUE(signs_in(h.redeem(browser, h.transfer_of(refresh_token))));
  EXPECT_FALSE(h.sid_in(browser).empty());
  h.revoke(refresh_token, true);
  EXPECT_EQ(h.sid_in(browser), "");
}

}  // namespace
}  // namespace segue::test
