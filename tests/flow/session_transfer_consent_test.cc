// A session transfer that waits for its user's consent (design §3, §4 "Exactly once").
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "support/handoff.h"

namespace segue::test {
namespace {

bool is_consent_page(const Page& page) { return page.status == 200 && page.url.find("/u/consent?state=") != std::string::npos; }

http::Parameters answer_form(const Page& page, const std::string& action) {
  return parameters({{"state", page.field("state")}, {"csrf", page.field("csrf")}, {"action", action}});
}

struct TransferConsent : ::testing::Test {
  Handoff h;
  Browser browser = h.browser();
  http::Parameters asking = parameters({{"prompt", "consent"}});
  Page accept(const Page& page) { return browser.submit(page, answer_form(page, "accept")); }
};

TEST_F(TransferConsent, keeps_the_spent_token_as_evidence_and_opens_its_session_after_the_answer) {
  const auto token = h.transfer();
  const auto page = h.redeem(browser, token, asking);
  ASSERT_TRUE(is_consent_page(page)) << page.url;
  EXPECT_FALSE(browser.cookies().contains("auth0"));
  auto thief = h.browser();
  EXPECT_TRUE(h.redeem(thief, token).is_login_page()) << "spent";
  const auto end = accept(page);
  ASSERT_FALSE(end.parameter("code").empty()) << end.url;
  EXPECT_EQ(h.exchange_code(end).status, 200);
  EXPECT_TRUE(h.stored_session(browser).opened_by_transfer);
}

TEST_F(TransferConsent, falls_with_the_refresh_token_it_grew_from) {
  const auto refresh_token = h.sign_in();
  const auto page = h.redeem(browser, h.transfer_of(refresh_token), asking);
  h.revoke(refresh_token, true);
  EXPECT_TRUE(tells(accept(page), "login_required"));
  EXPECT_FALSE(browser.cookies().contains("auth0"));
}

TEST_F(TransferConsent, never_ends_another_users_session_begun_meanwhile) {
  const auto eve = h.world.create_user("eve@example.com");
  const auto page = h.redeem(browser, h.transfer(), asking);
  browser.submit_login(h.open(browser, parameters({{"prompt", "login"}})), eve);
  const auto sid = h.sid_in(browser);
  EXPECT_TRUE(tells(accept(page), "login_required"));
  EXPECT_EQ(h.sid_in(browser), sid);
}

TEST_F(TransferConsent, declined_leaves_nothing_but_the_spent_token_and_its_row) {
  const auto token = h.transfer();
  const auto page = h.redeem(browser, token, asking);
  const auto end = browser.submit(page, answer_form(page, "deny"));
  EXPECT_TRUE(tells(end, "access_denied"));
  EXPECT_FALSE(browser.cookies().contains("auth0"));
  const auto row = h.only_row("f");
  EXPECT_EQ(text_of(row, "transfer_id"), text_of(h.only_row("sertft"), "transfer_id"));
}

TEST_F(TransferConsent, follows_a_pipeline_that_has_run) {
  DenyingPipeline pipeline;
  pipeline.denies = false;
  Handoff other{{.world = {.pipeline = &pipeline}}};
  auto theirs = other.browser();
  const auto page = other.redeem(theirs, other.transfer(), asking);
  ASSERT_TRUE(is_consent_page(page));
  EXPECT_FALSE(theirs.submit(page, answer_form(page, "accept")).parameter("code").empty());
}

TEST_F(TransferConsent, is_answered_on_another_node_too) {
  const auto token = h.transfer();
  const auto page = h.redeem(browser, token, asking);
  Browser elsewhere(h.world.add_node());
  for (const auto& [name, value] : browser.cookies()) elsewhere.plant(name, value);
  EXPECT_FALSE(elsewhere.submit(page, answer_form(page, "accept")).parameter("code").empty());
}

TEST_F(TransferConsent, opens_one_session_however_often_it_is_answered) {
  const auto page = h.redeem(browser, h.transfer(), asking);
  std::atomic<int> codes = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&] {
      auto mine = browser;
      if (!mine.submit(page, answer_form(page, "accept")).parameter("code").empty()) ++codes;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(codes.load(), 1);
  EXPECT_EQ(h.world.logs("type:s").size(), 1u);
}

}  // namespace
}  // namespace segue::test
