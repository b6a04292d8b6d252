// How a session transfer token reaches /authorize (contract §1.7; design §4 "Exactly once"): by cookie, by query, by both; what
// leaves it unspent; and where it must never show.
#include <gtest/gtest.h>

#include "base/text.h"
#include "support/handoff.h"

namespace segue::test {
namespace {

constexpr const char* kCookie = "auth0_session_transfer_token";
constexpr const char* kNotFound =
    "Single Sign-On failed: Session Transfer Token not found or expired. This may indicate token reuse or expiration.";
constexpr const char* kConflict =
    "Single Sign-On failed: The request carries different Session Transfer Tokens. None of them is used.";

bool signs_in(const Page& page) { return page.left && !page.parameter("code").empty(); }

bool expires_cookie(const http::Response& response, std::string_view name) {
  for (const auto value : response.headers.find_all("set-cookie")) {
    if (value.starts_with(std::string(name) + "=;") && value.find("Max-Age=0") != std::string_view::npos) return true;
  }
  return false;
}

json::array methods(std::initializer_list<std::string> names) { return json::to_array(names); }

std::string redemption_url(const Handoff& h, const std::string& token) {
  return authorize_url(h.web, kWebCallback, parameters({{"session_transfer_token", token}}));
}

// --- Successes. ---

class EveryEngine : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    if (GetParam() == Engine::postgres && !FreshDatabase::server_url()) GTEST_SKIP() << "no PostgreSQL";
  }
  HandoffOptions options() const {
    HandoffOptions out;
    out.world.engine = GetParam();
    return out;
  }
};
INSTANTIATE_TEST_SUITE_P(SessionTransferRedemption, EveryEngine, ::testing::Values(Engine::sqlite, Engine::postgres),
                         [](const auto& engine) { return engine.param == Engine::sqlite ? "sqlite" : "postgres"; });

TEST_P(EveryEngine, opens_the_web_signed_in_by_query) {
  Handoff h(options());
  auto browser = h.browser();
  const auto page = h.redeem(browser, h.transfer());
  ASSERT_TRUE(signs_in(page)) << page.url;
  EXPECT_EQ(page.parameter("state"), "s-1");
  EXPECT_EQ(page.parameter("iss"), "https://tenant.example/");
  const auto claims = claims_of(h.exchange_code(page).text("id_token"));
  EXPECT_EQ(text_of(claims, "sub"), h.ada.user_id);
  EXPECT_EQ(text_of(claims, "aud"), h.web.client_id);
  EXPECT_EQ(text_of(claims, "sid"), h.sid_in(browser));
}

TEST_P(EveryEngine, opens_the_web_signed_in_by_cookie_and_expires_the_cookie) {
  Handoff h(options());
  auto browser = h.browser();
  browser.plant(kCookie, h.transfer());
  const auto page = h.open(browser);
  ASSERT_TRUE(signs_in(page)) << page.url;
  EXPECT_TRUE(expires_cookie(page.response, kCookie));
  EXPECT_FALSE(browser.cookies().contains(kCookie));
  EXPECT_FALSE(h.sid_in(browser).empty());
}

TEST_P(EveryEngine, signs_in_silently) {
  Handoff h(options());
  auto browser = h.browser();
  EXPECT_TRUE(signs_in(h.redeem(browser, h.transfer(), parameters({{"prompt", "none"}}))));
  EXPECT_EQ(detail_of(h.only_row("ssa"), "triggered_by_session_transfer_token"), "true");
}

TEST_P(EveryEngine, is_spent_by_its_first_presentation) {
  Handoff h(options());
  auto first = h.browser(), second = h.browser();
  const auto token = h.transfer();
  EXPECT_TRUE(signs_in(h.redeem(first, token)));
  EXPECT_TRUE(h.redeem(second, token).is_login_page());
  const auto row = h.only_row("w");
  EXPECT_EQ(text_of(row, "description"), kNotFound);
  EXPECT_EQ(detail_of(row, "reason"), "already_used");
  EXPECT_EQ(text_of(row, "transfer_id"), text_of(h.only_row("s"), "transfer_id"));
  EXPECT_FALSE(h.sid_in(first).empty());
}

TEST_P(EveryEngine, logs_one_transfer_id_from_the_exchange_to_the_refresh) {
  auto chosen = options();
  chosen.web_transfer = {{"allow_refresh_token", true}};
  Handoff h(chosen);
  auto browser = h.browser();
  const auto page = h.redeem(browser, h.transfer(), parameters({{"scope", "openid offline_access"}}));
  const auto tokens = h.exchange_code(page);
  ASSERT_EQ(h.world.refresh(h.web, tokens.refresh_token()).status, 200);
  const auto transfer_id = text_of(h.only_row("s"), "transfer_id");
  EXPECT_FALSE(transfer_id.empty());
  EXPECT_EQ(text_of(h.only_row("seacft"), "transfer_id"), transfer_id);
  const auto rows = h.world.logs("type:sertft");
  ASSERT_EQ(rows.size(), 2u);
  for (const auto& row : rows) EXPECT_EQ(text_of(row, "transfer_id"), transfer_id);
}

TEST(SessionTransferRedemption, logs_the_sign_in_that_it_is) {
  Handoff h;
  auto browser = h.browser();
  h.redeem(browser, h.transfer());
  const auto row = h.only_row("s");
  EXPECT_EQ(text_of(row, "client_id"), h.web.client_id);
  EXPECT_EQ(text_of(row, "user_id"), h.ada.user_id);
  EXPECT_EQ(text_of(row, "user_name"), h.ada.email);
  EXPECT_EQ(text_of(row, "connection"), kPasswordRealm);
  EXPECT_EQ(text_of(row, "strategy"), "auth0");
  EXPECT_EQ(detail_of(row, "triggered_by_session_transfer_token"), "true");
  EXPECT_EQ(detail_of(row, "session_id"), h.sid_in(browser));
  EXPECT_TRUE(h.world.logs("type:w").empty());
}

TEST(SessionTransferRedemption, opens_every_domain_of_the_tenant) {
  Handoff h;
  h.world.add_domain("login.app.example");
  Browser browser(h.world.node(), "login.app.example");
  const auto page = h.redeem(browser, h.transfer());
  ASSERT_TRUE(signs_in(page)) << page.url;
  EXPECT_EQ(page.parameter("iss"), "https://login.app.example/");
}

// --- More than one token, and transports that the client does not take. ---

TEST(SessionTransferRedemption, takes_equal_tokens_for_one_presentation) {
  Handoff h;
  const auto token = h.transfer();
  auto browser = h.browser();
  browser.plant(kCookie, token + "; " + kCookie + "=" + token);
  EXPECT_TRUE(signs_in(h.redeem(browser, token)));
  EXPECT_TRUE(h.world.logs("type:w").empty());
}

TEST(SessionTransferRedemption, refuses_and_spends_both_of_two_different_tokens) {
  Handoff h;
  const auto one = h.transfer(), other = h.transfer();
  auto browser = h.browser();
  browser.plant(kCookie, one);
  const auto page = h.redeem(browser, other);
  EXPECT_TRUE(page.is_login_page());
  EXPECT_FALSE(browser.cookies().contains(kCookie));
  const auto row = h.only_row("w");
  EXPECT_EQ(text_of(row, "description"), kConflict);
  EXPECT_EQ(detail_of(row, "reason"), "transport_conflict");
  EXPECT_FALSE(h.is_unspent(one));
  EXPECT_FALSE(h.is_unspent(other));
}

TEST(SessionTransferRedemption, refuses_and_spends_both_of_two_different_cookies) {
  Handoff h;
  const auto one = h.transfer(), other = h.transfer();
  auto browser = h.browser();
  browser.plant(kCookie, one + "; " + kCookie + "=" + other);
  EXPECT_TRUE(h.open(browser).is_login_page());
  EXPECT_EQ(text_of(h.only_row("w"), "description"), kConflict);
  EXPECT_FALSE(h.is_unspent(one));
  EXPECT_FALSE(h.is_unspent(other));
}

TEST(SessionTransferRedemption, ignores_a_transport_that_the_client_does_not_allow_instead_of_calling_it_a_conflict) {
  Handoff h({.web_transfer = {{"allowed_authentication_methods", methods({"cookie"})}}});
  const auto ignored = h.transfer();
  auto browser = h.browser();
  browser.plant(kCookie, h.transfer());
  EXPECT_TRUE(signs_in(h.redeem(browser, ignored)));
  const auto row = h.only_row("w");
  EXPECT_EQ(detail_of(row, "reason"), "method_not_allowed");
  EXPECT_EQ(text_of(row, "description"),
            "Session Transfer Token ignored: this client does not accept it by query. Add the method to "
            "session_transfer.allowed_authentication_methods.");
  h.set_web({{"allowed_authentication_methods", methods({"query"})}});
  EXPECT_TRUE(h.is_unspent(ignored));
}

TEST(SessionTransferRedemption, leaves_the_cookie_alone_where_only_the_query_is_allowed) {
  Handoff h({.web_transfer = {{"allowed_authentication_methods", methods({"query"})}}});
  const auto planted = h.transfer();
  auto browser = h.browser();
  browser.plant(kCookie, planted);
  EXPECT_TRUE(signs_in(h.redeem(browser, h.transfer())));
  EXPECT_EQ(browser.cookies().at(kCookie), planted);
  EXPECT_TRUE(text_of(h.only_row("w"), "description").find("by cookie") != std::string::npos);
  EXPECT_TRUE(h.is_unspent(planted));
}

TEST(SessionTransferRedemption, takes_no_token_for_a_client_with_an_empty_list) {
  Handoff h({.web_transfer = {{"allowed_authentication_methods", methods({})}}});
  const auto token = h.transfer();
  auto browser = h.browser();
  EXPECT_TRUE(h.redeem(browser, token).is_login_page());
  browser.plant(kCookie, token);
  EXPECT_TRUE(h.open(browser).is_login_page());
  // As if there were none: a session of the browser goes on signing in.
  auto signed_in = h.browser_of(h.ada);
  EXPECT_TRUE(signs_in(h.redeem(signed_in, token)));
  h.set_web({{"allowed_authentication_methods", methods({"cookie", "query"})}});
  EXPECT_TRUE(h.is_unspent(token));
}

// --- A bad token suppresses the session for this request only. ---

TEST(SessionTransferRedemption, prompts_for_a_bad_token_and_keeps_the_good_session) {
  Handoff h;
  auto browser = h.browser_of(h.ada);
  const auto sid = h.sid_in(browser);
  EXPECT_TRUE(h.redeem(browser, "stt_nonsense").is_login_page());
  EXPECT_TRUE(tells(h.redeem(browser, "stt_nonsense", parameters({{"prompt", "none"}})), "login_required"));
  browser.plant(kCookie, "stt_nonsense");
  const auto page = h.open(browser);
  EXPECT_TRUE(page.is_login_page());
  EXPECT_FALSE(browser.cookies().contains(kCookie));
  EXPECT_EQ(h.sid_in(browser), sid);
  EXPECT_TRUE(signs_in(h.open(browser)));
}

TEST(SessionTransferRedemption, lets_the_person_sign_in_by_hand_after_a_refusal) {
  Handoff h;
  auto browser = h.browser();
  const auto page = browser.submit_login(h.redeem(browser, "stt_nonsense"), h.ada);
  ASSERT_TRUE(signs_in(page)) << page.url;
  EXPECT_EQ(page.parameter("state"), "s-1");
  EXPECT_EQ(detail_of(h.only_row("s"), "triggered_by_session_transfer_token"), "");
}

// --- What leaves a token unspent. ---

TEST(SessionTransferRedemption, is_not_spent_by_head_or_a_prefetch) {
  Handoff h;
  const auto token = h.transfer();
  EXPECT_EQ(h.world.send(request_for(http::Method::head, redemption_url(h, token))).status, 204);
  for (const auto* purpose : {"prefetch", "prefetch;prerender"}) {
    auto browser = h.browser();
    browser.extra.set("sec-purpose", purpose);
    const auto page = h.redeem(browser, token);
    EXPECT_EQ(page.status, 204);
    EXPECT_TRUE(browser.cookies().empty());
  }
  EXPECT_TRUE(h.is_unspent(token));
}

TEST(SessionTransferRedemption, is_not_spent_in_a_frame_or_by_a_script) {
  Handoff h;
  const auto token = h.transfer();
  for (const auto& [destination, mode] : {std::pair{"iframe", "navigate"}, {"frame", "navigate"}, {"empty", "cors"}}) {
    auto browser = h.browser();
    browser.extra.set("sec-fetch-dest", destination);
    browser.extra.set("sec-fetch-mode", mode);
    EXPECT_TRUE(tells(h.redeem(browser, token, parameters({{"prompt", "none"}})), "login_required")) << destination;
    browser.plant(kCookie, token);
    EXPECT_TRUE(tells(h.open(browser, parameters({{"prompt", "none"}})), "login_required")) << destination;
    EXPECT_EQ(browser.cookies().at(kCookie), token);
  }
  EXPECT_TRUE(h.is_unspent(token));
}

TEST(SessionTransferRedemption, is_spent_by_a_client_that_sends_no_fetch_metadata) {
  Handoff h;
  const auto response = h.world.send(request_for(http::Method::get, redemption_url(h, h.transfer())));
  EXPECT_TRUE(query_of(header_of(response, "location")).has("code"));
}

TEST(SessionTransferRedemption, is_not_spent_by_an_invalid_request) {
  Handoff h;
  const auto token = h.transfer();
  for (const auto& [name, value] : {std::pair{"redirect_uri", "https://app.example/callbacks"},
                                    {"response_type", "code none"},
                                    {"response_mode", "jwt"},
                                    {"client_id", "nobody"},
                                    {"prompt", "none login"},
                                    {"max_age", "soon"},
                                    {"connection", "nowhere"},
                                    {"code_challenge", "short"},
                                    {"audience", "https://unknown.example"},
                                    {"request", "a.b.c"}}) {
    auto browser = h.browser();
    const auto page = h.redeem(browser, token, parameters({{name, value}}));
    EXPECT_TRUE(!page.parameter("error").empty() || page.status >= 400) << name << " " << page.url;
    EXPECT_EQ(page.url.find("code="), std::string::npos) << name;
  }
  auto browser = h.browser();
  EXPECT_TRUE(tells(browser.open(redemption_url(h, token) + "&session_transfer_token=" + token), "invalid_request"));
  EXPECT_TRUE(h.is_unspent(token));
}

TEST(SessionTransferRedemption, is_not_spent_by_a_public_client_without_pkce) {
  Handoff h;
  const auto spa = h.world.web_client("https://spa.example", {{"app_type", "spa"}, {"token_endpoint_auth_method", "none"}});
  const auto token = h.transfer();
  auto browser = h.browser();
  const auto url = authorize_url(spa, "https://spa.example/callback", parameters({{"session_transfer_token", token}}));
  EXPECT_TRUE(tells(browser.open(url), "invalid_request"));
  const std::string challenge = "&code_challenge_method=S256&code_challenge=" + std::string(43, 'a');
  EXPECT_TRUE(signs_in(browser.open(url + challenge)));
}

TEST(SessionTransferRedemption, is_not_spent_by_a_guessed_id_with_a_wrong_secret) {
  Handoff h;
  const auto token = h.transfer();
  auto guessed = token;
  guessed.replace(guessed.find('.') + 1, 4, "AAAA");
  auto browser = h.browser();
  EXPECT_TRUE(h.redeem(browser, guessed).is_login_page());
  const auto row = h.only_row("w");
  EXPECT_EQ(detail_of(row, "reason"), "unknown");
  EXPECT_EQ(text_of(row, "user_id"), "");
  EXPECT_TRUE(h.is_unspent(token));
}

TEST(SessionTransferRedemption, takes_no_handle_of_another_kind) {
  Handoff h;
  const auto refresh_token = h.sign_in();
  auto browser = h.browser();
  const auto code = h.redeem(browser, h.transfer()).parameter("code");
  for (const auto& handle : {refresh_token, "stt_" + refresh_token.substr(3), code, browser.cookies().at("auth0")}) {
    auto other = h.browser();
    EXPECT_TRUE(h.redeem(other, handle).is_login_page());
  }
  for (const auto& row : h.world.logs("type:w")) EXPECT_EQ(text_of(row, "description"), kNotFound);
  EXPECT_EQ(h.world.exchange(h.native, refresh_token).status, 200);
  EXPECT_FALSE(h.sid_in(browser).empty());
}

TEST(SessionTransferRedemption, opens_nothing_at_another_tenant) {
  Handoff h;
  const auto other = h.world.add_tenant("other.example");
  const auto granted =
      object_of(h.world.send(form_request("/oauth/token",
                                          parameters({{"grant_type", "client_credentials"},
                                                      {"client_id", other.client_id},
                                                      {"client_secret", std::string(other.client_secret.reveal())},
                                                      {"audience", other.audience}}),
                                          "other.example")));
  const json::object fields{{"name", "web"},
                            {"callbacks", json::array{kWebCallback}},
                            {"grant_types", json::array{"authorization_code"}},
                            {"session_transfer", json::object{{"allowed_authentication_methods", methods({"query"})}}}};
  auto creation = json_request(http::Method::post, "/api/v2/clients", fields, "other.example");
  creation.headers.set("authorization", "Bearer " + text_of(granted, "access_token"));
  const auto client = object_of(h.world.send(creation));
  const auto token = h.transfer();
  Browser browser(h.world.node(), "other.example");
  const auto page = browser.open(authorize_url({text_of(client, "client_id"), ""}, kWebCallback,
                                               parameters({{"session_transfer_token", token}, {"prompt", "none"}})));
  EXPECT_TRUE(tells(page, "login_required")) << page.url << page.response.body;
  EXPECT_TRUE(h.is_unspent(token));
}

// --- Secrecy. ---

std::string everything_in(const http::Response& response) {
  std::string out = response.body;
  for (const auto& [name, value] : response.headers.fields()) out += "\n" + name + ": " + value;
  return out;
}

TEST(SessionTransferRedemption, shows_the_token_to_nobody) {
  Handoff h;
  const auto good = h.transfer(), bad = h.transfer() + "x", late = h.transfer();
  std::string seen;
  for (const auto& token : {good, bad})
    seen += everything_in(h.world.send(request_for(http::Method::get, redemption_url(h, token))));
  // A refusal, its login page, the sign-in that follows, and an error for the application.
  auto browser = h.browser();
  const auto login = h.redeem(browser, good);
  seen += login.url + everything_in(login.response);
  const auto end = browser.submit_login(login, h.ada);
  seen += end.url + everything_in(end.response);
  seen += h.redeem(browser, late, parameters({{"response_type", "none"}})).url;
  seen += everything_in(h.redeem(browser, late, parameters({{"redirect_uri", "https://evil.example/"}})).response);
  for (const auto& row : h.world.logs()) seen += json::write(row);
  for (const auto& token : {good, bad, late}) {
    EXPECT_EQ(seen.find(token), std::string::npos);
    EXPECT_EQ(seen.find(token.substr(token.find('.') + 1)), std::string::npos);
  }
}

}  // namespace
}  // namespace segue::test
