// GET /api/v2/segue/transfers/{transfer_id}: one handoff explained from its log rows (issue: "Tenant logs").
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/handoff.h"

namespace segue::test {
namespace {
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

json::object story_of(Handoff& h, const std::string& type = "sertft") {
  for (const auto& row : h.world.logs("type:" + type)) {
    const auto id = text_of(row, "transfer_id");
    if (!id.empty()) return h.world.managed(http::Method::get, "segue/transfers/" + id).as_object();
  }
  throw std::runtime_error("no row names a transfer");
}
std::vector<std::string> steps_of(const json::object& story) {
  std::vector<std::string> out;
  for (const auto& step : story.at("steps").as_array()) {
    const auto& s = step.as_object();
    out.push_back(text_of(s, "step") + " " + text_of(s, "outcome"));
  }
  return out;
}
json::object step(const json::object& story, std::size_t i) { return story.at("steps").as_array().at(i).as_object(); }
json::object check(const json::object& step, std::string_view name) {
  for (const auto& each : step.at("checks").as_array()) {
    if (text_of(each.as_object(), "check") == name) return each.as_object();
  }
  return {};
}

TEST(SessionTransferExplained, an_accepted_handoff_shows_its_steps_and_what_was_compared) {
  Handoff h({.web_transfer = {{"allow_refresh_token", true}}});
  auto browser = h.browser();
  const auto page = h.redeem(browser, h.transfer(), parameters({{"scope", "openid offline_access"}}));
  const auto tokens = h.exchange_code(page);
  ASSERT_EQ(tokens.status, 200);
  ASSERT_EQ(h.world.refresh(h.web, tokens.refresh_token()).status, 200);
  browser.open("/v2/logout");
  const auto story = story_of(h);
  EXPECT_EQ(text_of(story, "verdict"), "accepted");
  EXPECT_TRUE(story.at("reason").is_null());
  EXPECT_EQ(text_of(story, "user_id"), h.ada.user_id);
  EXPECT_EQ(text_of(story, "native_client_id"), h.native.client_id);
  EXPECT_EQ(text_of(story, "web_client_id"), h.web.client_id);
  EXPECT_THAT(steps_of(story), ElementsAre("exchange success", "redemption success", "code_exchange success", "refresh success",
                                           "logout success"));
  const auto redemption = step(story, 1);
  EXPECT_EQ(redemption.at("checks").as_array().size(), 9u);
  const auto binding = check(redemption, "device_binding");
  EXPECT_EQ(json::find_bool(binding, "passed"), true);
  EXPECT_EQ(text_of(binding, "binding"), "ip");
  EXPECT_THAT(text_of(binding, "token"), HasSubstr("/24"));
  EXPECT_EQ(text_of(binding, "token"), text_of(binding, "request"));
}

TEST(SessionTransferExplained, a_refused_handoff_says_which_check_refused_it_and_shows_no_whole_address) {
  Handoff h;
  const auto token = h.transfer();
  auto browser = h.browser();
  browser.peer_address = "198.51.100.9";
  EXPECT_TRUE(h.redeem(browser, token).is_login_page());
  const auto story = story_of(h);
  EXPECT_EQ(text_of(story, "verdict"), "refused");
  EXPECT_EQ(text_of(story, "reason"), "ip_mismatch");
  EXPECT_THAT(steps_of(story), ElementsAre("exchange success", "redemption failure"));
  const auto refusal = step(story, 1);
  EXPECT_EQ(refusal.at("checks").as_array().size(), 4u) << "none behind the one that refused";
  const auto binding = check(refusal, "device_binding");
  EXPECT_EQ(json::find_bool(binding, "passed"), false);
  EXPECT_EQ(text_of(binding, "reason"), "ip_mismatch");
  EXPECT_EQ(text_of(binding, "request"), "198.51.100.0/24");
  EXPECT_THAT(json::write(story), Not(HasSubstr("198.51.100.9")));
}

TEST(SessionTransferExplained, a_replay_is_a_step_and_changes_no_verdict) {
  Handoff h;
  const auto token = h.transfer();
  auto browser = h.browser(), other = h.browser();
  h.redeem(browser, token);
  h.redeem(other, token);
  const auto story = story_of(h);
  EXPECT_EQ(text_of(story, "verdict"), "accepted");
  EXPECT_THAT(steps_of(story), ElementsAre("exchange success", "redemption success", "redemption failure"));
  EXPECT_EQ(text_of(step(story, 2), "reason"), "already_used");
  const auto token_check = check(step(story, 2), "token");
  EXPECT_EQ(text_of(token_check, "token"), "unused");
  EXPECT_EQ(text_of(token_check, "request"), "used");
}

TEST(SessionTransferExplained, a_token_that_nobody_redeemed_is_pending_and_then_over) {
  Handoff h;
  h.transfer();
  EXPECT_EQ(text_of(story_of(h), "verdict"), "pending");
  h.world.clock.advance(60s);
  EXPECT_EQ(text_of(story_of(h), "verdict"), "never_redeemed");
}

TEST(SessionTransferExplained, another_users_session_is_named_with_both_users) {
  Handoff h;
  const auto bob = h.world.create_user("bob@example.com");
  auto browser = h.browser_of(bob);
  h.redeem(browser, h.transfer());
  const auto story = story_of(h, "w");
  EXPECT_EQ(text_of(story, "reason"), "user_mismatch");
  const auto sessions = check(step(story, 1), "existing_session");
  EXPECT_EQ(text_of(sessions, "token"), h.ada.user_id);
  EXPECT_EQ(text_of(sessions, "request"), bob.user_id);
}

TEST(SessionTransferExplained, a_denial_behind_the_evaluation_is_an_actions) {
  DenyingPipeline pipeline;
  pipeline.denies = false;
  HandoffOptions options;
  options.world.pipeline = &pipeline;
  Handoff h(options);
  const auto token = h.transfer();
  pipeline.denies = true;
  auto browser = h.browser();
  h.redeem(browser, token);
  const auto story = story_of(h, "f");
  EXPECT_EQ(text_of(story, "verdict"), "refused");
  EXPECT_EQ(text_of(story, "reason"), "denied_by_action");
}

struct Ignored {
  std::string accepted, transport, cookie, reason, wanted, found;
};
class SessionTransferIgnored : public ::testing::TestWithParam<Ignored> {};
INSTANTIATE_TEST_SUITE_P(Because, SessionTransferIgnored,
                         ::testing::Values(Ignored{"", "cookie", "auth0_session_transfer_token", "client_not_enabled", "[]",
                                                   "\"cookie\""},
                                           Ignored{"", "query", "", "client_not_enabled", "[]", "\"query\""},
                                           Ignored{"cookie", "query", "", "method_not_allowed", "[\"cookie\"]", "\"query\""},
                                           Ignored{"query", "cookie", "auth0_session_transfer_token", "method_not_allowed",
                                                   "[\"query\"]", "\"cookie\""},
                                           Ignored{"cookie", "cookie", "session_transfer_token", "wrong_cookie_name",
                                                   "\"auth0_session_transfer_token\"", "\"session_transfer_token\""}),
                         [](const auto& row) { return row.param.reason + "_by_" + row.param.transport; });

TEST_P(SessionTransferIgnored, is_a_step_that_says_why_and_the_token_is_still_good) {
  const auto& row = GetParam();
  json::array accepted;
  if (!row.accepted.empty()) accepted.push_back(json::value(row.accepted));
  Handoff h({.web_transfer = {{"allowed_authentication_methods", accepted}}});
  const auto token = h.transfer();
  auto browser = h.browser();
  if (row.transport == "cookie") browser.plant(row.cookie, token);
  EXPECT_TRUE((row.transport == "cookie" ? h.open(browser) : h.redeem(browser, token)).is_login_page());
  const auto story = story_of(h, "w");
  EXPECT_EQ(text_of(story, "verdict"), "pending");
  EXPECT_EQ(text_of(story, "reason"), row.reason);
  EXPECT_EQ(text_of(story, "web_client_id"), h.web.client_id);
  EXPECT_THAT(steps_of(story), ElementsAre("exchange success", "presentation failure"));
  const auto transport = check(step(story, 1), "transport");
  EXPECT_EQ(json::write(transport.at("client")), row.wanted);
  EXPECT_EQ(json::write(transport.at("request")), row.found);
  h.set_web({{"allowed_authentication_methods", json::array{"query"}}});
  auto other = h.browser();
  EXPECT_TRUE(h.redeem(other, token).left) << "it was not spent";
  EXPECT_EQ(text_of(story_of(h), "verdict"), "accepted");
}

TEST(SessionTransferExplained, an_exchange_that_would_nest_is_a_step_of_the_handoff_it_would_grow_from) {
  Handoff h({.web_transfer = {{"allow_refresh_token", true}}});
  auto browser = h.browser();
  const auto tokens = h.exchange_code(h.redeem(browser, h.transfer(), parameters({{"scope", "openid offline_access"}})));
  h.set_web({{"can_create_session_transfer_token", true}, {"allow_refresh_token", true}});
  EXPECT_EQ(h.world.exchange(h.web, tokens.refresh_token()).error(), "access_denied");
  const auto story = story_of(h);
  EXPECT_EQ(text_of(story, "verdict"), "accepted");
  const auto& steps = story.at("steps").as_array();
  EXPECT_EQ(text_of(steps.back().as_object(), "reason"), "nested");
}

TEST(SessionTransferExplained, an_unknown_transfer_is_not_found) {
  Handoff h;
  h.transfer();
  EXPECT_EQ(h.world.manage(http::Method::get, "segue/transfers/nothing").status, 404);
}

}  // namespace
}  // namespace segue::test
