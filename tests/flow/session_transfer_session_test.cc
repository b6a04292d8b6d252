// The session that a session transfer token opens or joins, the refresh tokens issued in it, and what ends with what (contract
// §1.8, §1.10, §1.12, §1.13; design §4 "Evaluation", "Revocation").
#include <gtest/gtest.h>

#include "base/text.h"
#include "support/handoff.h"

namespace segue::test {
namespace {
using namespace std::chrono_literals;

const http::Parameters kOffline = parameters({{"scope", "openid offline_access"}});

bool signs_in(const Page& page) { return page.left && !page.parameter("code").empty(); }

// Tokens for the web client out of a redemption in this browser, offline access asked for.
Tokens redeem_offline(Handoff& h, Browser& browser, const std::string& token) {
  return h.exchange_code(h.redeem(browser, token, kOffline));
}

// The same out of a later transaction of the browser's session.
Tokens reopen_offline(Handoff& h, Browser& browser) { return h.exchange_code(h.open(browser, kOffline)); }

bool refreshes(Handoff& h, const std::string& refresh_token) { return h.world.refresh(h.web, refresh_token).status == 200; }

Page log_out(Handoff& h, Browser& browser) {
  return browser.open("/v2/logout?client_id=" + h.web.client_id + "&returnTo=https://app.example");
}

HandoffOptions allowing(json::object more = {}) {
  more["allow_refresh_token"] = true;
  return {.web_transfer = std::move(more)};
}

// --- A new session. ---

TEST(SessionTransferSession, holds_no_more_than_the_sign_in_it_comes_from) {
  Handoff h;
  const auto signed_in_at = h.world.clock.now();
  const auto refresh_token = h.sign_in();
  h.world.clock.advance(1h);
  auto browser = h.browser();
  h.redeem(browser, h.transfer_of(refresh_token));
  const auto session = h.stored_session(browser);
  EXPECT_TRUE(session.opened_by_transfer);
  EXPECT_EQ(session.authenticated_at, signed_in_at);
  ASSERT_EQ(session.methods.size(), 1u);
  EXPECT_EQ(session.methods.front().name, "pwd");
  EXPECT_EQ(session.methods.front().at, signed_in_at);
  EXPECT_EQ(session.ancestry.transfer_id, text_of(h.only_row("s"), "transfer_id"));
}

TEST(SessionTransferSession, lives_no_longer_than_its_parent) {
  Handoff h({.native = {{"refresh_token", json::object{{"rotation_type", "rotating"},
                                                       {"expiration_type", "expiring"},
                                                       {"token_lifetime", 3600},
                                                       {"infinite_token_lifetime", false},
                                                       {"infinite_idle_token_lifetime", true}}}}});
  const auto signed_in_at = h.world.clock.now();
  const auto refresh_token = h.sign_in();
  h.world.clock.advance(30min);
  auto browser = h.browser();
  h.redeem(browser, h.transfer_of(refresh_token));
  EXPECT_EQ(h.stored_session(browser).expires_at, signed_in_at + 1h);
  h.world.clock.advance(30min - 1s);
  EXPECT_FALSE(h.sid_in(browser).empty());
  h.world.clock.advance(1s);
  EXPECT_EQ(h.sid_in(browser), "");
}

TEST(SessionTransferSession, signs_in_at_other_clients_as_any_session_does) {
  Handoff h;
  const auto other = h.world.web_client("https://other.example");
  auto browser = h.browser();
  const auto opened = h.redeem(browser, h.transfer());
  const auto page = browser.open(authorize_url(other, "https://other.example/callback"));
  ASSERT_TRUE(signs_in(page));
  EXPECT_EQ(claims_of(h.exchange_code(page, other).text("id_token")).at("sid"),
            claims_of(h.exchange_code(opened).text("id_token")).at("sid"));
}

TEST(SessionTransferSession, asks_for_a_sign_in_when_the_original_one_is_too_old) {
  Handoff h;
  const auto refresh_token = h.sign_in();
  h.world.clock.advance(1h);
  auto browser = h.browser();
  h.redeem(browser, h.transfer_of(refresh_token));
  EXPECT_TRUE(h.open(browser, parameters({{"max_age", "60"}})).is_login_page());
  EXPECT_TRUE(signs_in(h.open(browser, parameters({{"max_age", "3600"}}))));
}

// --- A session of the same user. ---

TEST(SessionTransferSession, joins_a_session_opened_by_hand_under_a_new_cookie) {
  Handoff h;
  auto browser = h.browser_of(h.ada);
  const auto sid = h.sid_in(browser);
  auto old_cookie = browser;
  const auto page = h.redeem(browser, h.transfer());
  ASSERT_TRUE(signs_in(page));
  EXPECT_EQ(text_of(claims_of(h.exchange_code(page).text("id_token")), "sid"), sid);
  EXPECT_NE(browser.cookies().at("auth0"), old_cookie.cookies().at("auth0"));
  EXPECT_EQ(h.sid_in(old_cookie), "");
  EXPECT_EQ(h.sid_in(browser), sid);
}

TEST(SessionTransferSession, leaves_the_parents_of_a_joined_session_as_they_were) {
  Handoff h;
  auto browser = h.browser_of(h.ada);
  const auto before = h.stored_session(browser);
  h.world.clock.advance(1min);
  const auto refresh_token = h.sign_in();
  h.redeem(browser, h.transfer_of(refresh_token));
  const auto after = h.stored_session(browser);
  EXPECT_FALSE(after.opened_by_transfer);
  EXPECT_EQ(after.ancestry.parent_family_id, base::RowId{});
  EXPECT_EQ(after.ancestry.transfer_id, "");
  EXPECT_EQ(after.authenticated_at, before.authenticated_at);
  EXPECT_EQ(after.expires_at, before.expires_at);
  EXPECT_EQ(after.last_interacted_at, h.world.clock.now());
  h.revoke(refresh_token, true);
  EXPECT_EQ(h.sid_in(browser), before.sid);
}

TEST(SessionTransferSession, restricts_a_joined_session_in_the_joining_transaction_only) {
  Handoff h;
  auto browser = h.browser_of(h.ada);
  EXPECT_EQ(redeem_offline(h, browser, h.transfer()).refresh_token(), "");
  const auto later = reopen_offline(h, browser);
  EXPECT_FALSE(later.refresh_token().empty());
  log_out(h, browser);
  EXPECT_TRUE(refreshes(h, later.refresh_token()));
}

TEST(SessionTransferSession, ends_the_refresh_token_of_a_joining_transaction_with_the_transfers_parent) {
  Handoff h(allowing());
  auto browser = h.browser_of(h.ada);
  const auto native_token = h.sign_in();
  const auto tokens = redeem_offline(h, browser, h.transfer_of(native_token));
  ASSERT_FALSE(tokens.refresh_token().empty());
  h.revoke(native_token, true);
  EXPECT_FALSE(refreshes(h, tokens.refresh_token()));
  EXPECT_FALSE(h.sid_in(browser).empty());
}

TEST(SessionTransferSession, joins_a_session_of_the_same_family_under_a_new_cookie) {
  Handoff h;
  const auto first = h.world.exchange(h.native, h.sign_in());
  auto browser = h.browser();
  h.redeem(browser, first.access_token());
  const auto sid = h.sid_in(browser);
  auto old_cookie = browser;
  const auto page = h.redeem(browser, h.transfer_of(first.refresh_token()));
  EXPECT_EQ(text_of(claims_of(h.exchange_code(page).text("id_token")), "sid"), sid);
  EXPECT_EQ(h.sid_in(old_cookie), "");
  EXPECT_EQ(h.sid_in(browser), sid);
}

TEST(SessionTransferSession, replaces_a_session_of_another_family) {
  Handoff h;
  auto browser = h.browser();
  h.redeem(browser, h.transfer());
  const auto sid = h.sid_in(browser);
  auto old_cookie = browser;
  const auto page = h.redeem(browser, h.transfer());
  ASSERT_TRUE(signs_in(page));
  EXPECT_NE(text_of(claims_of(h.exchange_code(page).text("id_token")), "sid"), sid);
  EXPECT_EQ(h.sid_in(old_cookie), "");
  EXPECT_FALSE(h.sid_in(browser).empty());
}

TEST(SessionTransferSession, opens_a_new_session_where_the_browsers_has_ended) {
  Handoff h;
  auto browser = h.browser_of(h.ada);
  const auto sid = h.sid_in(browser);
  auto copy = browser;
  log_out(h, copy);
  ASSERT_TRUE(signs_in(h.redeem(browser, h.transfer())));
  EXPECT_NE(h.sid_in(browser), sid);
  EXPECT_TRUE(h.stored_session(browser).opened_by_transfer);
}

// --- Refresh tokens. ---

TEST(SessionTransferSession, gives_no_refresh_token_without_an_error_in_any_of_its_transactions) {
  Handoff h;
  auto browser = h.browser();
  for (const auto& tokens : {redeem_offline(h, browser, h.transfer()), reopen_offline(h, browser)}) {
    EXPECT_EQ(tokens.status, 200);
    EXPECT_FALSE(tokens.body.contains("refresh_token"));
    EXPECT_FALSE(tokens.text("id_token").empty());
    EXPECT_EQ(tokens.text("scope"), "openid");
  }
  for (const auto& row : h.world.logs("type:seacft")) EXPECT_EQ(detail_of(row, "refresh_token"), "");
}

TEST(SessionTransferSession, judges_a_later_transaction_by_the_client_that_asks) {
  Handoff h;
  const json::object allows{{"allowed_authentication_methods", json::array{"query"}}, {"allow_refresh_token", true}};
  const auto generous = h.world.web_client("https://generous.example", {{"session_transfer", allows}});
  const auto plain = h.world.web_client("https://plain.example", {{"session_transfer", nullptr}});
  auto browser = h.browser();
  EXPECT_EQ(redeem_offline(h, browser, h.transfer()).refresh_token(), "");
  const auto at = [&](const Client& client, const std::string& base_url) {
    return h.exchange_code(browser.open(authorize_url(client, base_url + "/callback", kOffline)), client).refresh_token();
  };
  EXPECT_FALSE(at(generous, "https://generous.example").empty());
  EXPECT_EQ(at(plain, "https://plain.example"), "");
}

TEST(SessionTransferSession, gives_a_refresh_token_where_the_client_allows_it) {
  Handoff h(allowing());
  auto browser = h.browser();
  const auto tokens = redeem_offline(h, browser, h.transfer());
  EXPECT_EQ(tokens.text("scope"), "openid offline_access");
  EXPECT_TRUE(refreshes(h, tokens.refresh_token()));
  EXPECT_TRUE(refreshes(h, reopen_offline(h, browser).refresh_token()));
}

TEST(SessionTransferSession, never_mints_another_session_transfer_token) {
  Handoff h(allowing({{"can_create_session_transfer_token", true}}));
  auto by_hand = h.browser_of(h.ada), by_transfer = h.browser();
  const auto joined = redeem_offline(h, by_hand, h.transfer());
  const auto opened = redeem_offline(h, by_transfer, h.transfer());
  for (const auto& token : {joined, opened, reopen_offline(h, by_transfer)}) {
    const auto answer = h.world.exchange(h.web, token.refresh_token());
    EXPECT_EQ(answer.status, 403);
    EXPECT_EQ(answer.error(), "access_denied");
    const auto row = h.world.logs("type:fertft").front();
    EXPECT_EQ(text_of(row, "description"), answer.text("error_description"));
    EXPECT_FALSE(text_of(row, "transfer_id").empty());
    EXPECT_TRUE(refreshes(h, token.refresh_token()));
  }
  // What was issued in a session opened by hand is no descendant, whatever joined since.
  EXPECT_EQ(h.world.exchange(h.web, reopen_offline(h, by_hand).refresh_token()).status, 200);
}

TEST(SessionTransferSession, ends_its_refresh_tokens_when_it_ends) {
  Handoff h(allowing());
  auto browser = h.browser();
  const auto tokens = redeem_offline(h, browser, h.transfer());
  EXPECT_TRUE(log_out(h, browser).left);
  const auto answer = h.world.refresh(h.web, tokens.refresh_token());
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(answer.error(), "invalid_grant");
  EXPECT_EQ(text_of(h.only_row("slo"), "transfer_id"), text_of(h.only_row("s"), "transfer_id"));
}

TEST(SessionTransferSession, ends_its_refresh_tokens_when_it_expires) {
  Handoff h(allowing());
  auto browser = h.browser();
  const auto tokens = redeem_offline(h, browser, h.transfer());
  h.world.clock.advance(71h);
  EXPECT_TRUE(refreshes(h, tokens.refresh_token()));
  h.world.clock.advance(1h);
  EXPECT_FALSE(refreshes(h, tokens.refresh_token()));
}

TEST(SessionTransferSession, leaves_its_refresh_tokens_where_the_client_wants_them_offline) {
  Handoff h(allowing({{"enforce_online_refresh_tokens", false}}));
  auto browser = h.browser();
  const auto tokens = redeem_offline(h, browser, h.transfer());
  log_out(h, browser);
  EXPECT_TRUE(refreshes(h, tokens.refresh_token()));
}

TEST(SessionTransferSession, copies_the_online_rule_when_the_refresh_token_is_issued) {
  Handoff h(allowing());
  auto browser = h.browser();
  const auto tokens = redeem_offline(h, browser, h.transfer());
  h.set_web({{"enforce_online_refresh_tokens", false}});
  log_out(h, browser);
  EXPECT_FALSE(refreshes(h, tokens.refresh_token()));
}

// --- Cascades. ---

// Ends the native family as a stolen refresh token would.
void reuse(Handoff& h, const std::string& spent) { EXPECT_EQ(h.world.refresh(h.native, spent).error(), "invalid_grant"); }

TEST(SessionTransferSession, ends_with_its_parent_and_takes_its_refresh_tokens_along) {
  Handoff h(allowing({{"enforce_online_refresh_tokens", false}}));
  const auto native_token = h.sign_in();
  auto browser = h.browser();
  const auto tokens = redeem_offline(h, browser, h.transfer_of(native_token));
  reuse(h, native_token);
  EXPECT_EQ(h.sid_in(browser), "");
  EXPECT_EQ(h.world.refresh(h.web, tokens.refresh_token()).error(), "invalid_grant");
  EXPECT_TRUE(h.open(browser).is_login_page());
}

TEST(SessionTransferSession, ends_a_code_in_flight_with_its_parent) {
  Handoff h;
  const auto native_token = h.sign_in();
  auto browser = h.browser();
  const auto page = h.redeem(browser, h.transfer_of(native_token));
  reuse(h, native_token);
  EXPECT_EQ(h.exchange_code(page).error(), "invalid_grant");
  EXPECT_EQ(text_of(h.only_row("feacft"), "transfer_id"), text_of(h.only_row("s"), "transfer_id"));
}

TEST(SessionTransferSession, survives_its_parent_where_the_native_client_does_not_cascade) {
  auto options = allowing();
  options.native_transfer = {{"enforce_cascade_revocation", false}};
  Handoff h(options);
  const auto native_token = h.sign_in();
  auto browser = h.browser();
  const auto tokens = redeem_offline(h, browser, h.transfer_of(native_token));
  reuse(h, native_token);
  EXPECT_FALSE(h.sid_in(browser).empty());
  EXPECT_TRUE(refreshes(h, tokens.refresh_token()));
}

TEST(SessionTransferSession, reads_the_cascade_rule_when_the_revocation_happens) {
  Handoff h({.native_transfer = {{"enforce_cascade_revocation", false}}});
  const auto native_token = h.sign_in();
  auto browser = h.browser();
  h.redeem(browser, h.transfer_of(native_token));
  h.set_native({{"enforce_cascade_revocation", true}});
  reuse(h, native_token);
  EXPECT_EQ(h.sid_in(browser), "");
}

TEST(SessionTransferSession, leaves_its_parent_alive_when_it_ends) {
  Handoff h;
  const auto first = h.world.exchange(h.native, h.sign_in());
  auto browser = h.browser();
  h.redeem(browser, first.access_token());
  log_out(h, browser);
  EXPECT_EQ(h.world.exchange(h.native, first.refresh_token()).status, 200);
}

TEST(SessionTransferSession, ends_when_its_user_is_blocked) {
  Handoff h(allowing());
  auto browser = h.browser();
  const auto tokens = redeem_offline(h, browser, h.transfer());
  h.world.managed(http::Method::patch, "users/" + h.ada.user_id, json::object{{"blocked", true}});
  EXPECT_EQ(h.sid_in(browser), "");
  EXPECT_FALSE(refreshes(h, tokens.refresh_token()));
}

}  // namespace
}  // namespace segue::test
