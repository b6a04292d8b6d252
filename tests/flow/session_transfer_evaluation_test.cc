// The evaluation of a session transfer token at /authorize, row by row (contract §1.8, §1.9, §1.17, §1.18; design §4
// "Evaluation").
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "support/geo_file.h"
#include "support/handoff.h"

namespace segue::test {
namespace {
using namespace std::chrono_literals;

constexpr const char* kNotFound =
    "Single Sign-On failed: Session Transfer Token not found or expired. This may indicate token reuse or expiration.";
constexpr const char* kBinding =
    "Single Sign-On failed: Session Transfer Token device binding validation failed due to IP/ASN mismatch.";
constexpr const char* kParent =
    "Single Sign-On failed: Parent refresh token not found. Session Transfer Token won't be used for session establishment.";
constexpr const char* kUserMismatch = "Single Sign-On failed: Session Transfer Token user mismatch detected.";
constexpr const char* kElsewhere = "198.51.100.9";

bool signs_in(const Page& page) { return page.left && !page.parameter("code").empty(); }

// The one `w` row says why, of whom, and to which handoff it belongs.
void expect_warning(Handoff& h, const std::string& reason, const std::string& description) {
  const auto row = h.only_row("w");
  EXPECT_EQ(detail_of(row, "reason"), reason);
  EXPECT_EQ(text_of(row, "description"), description);
  EXPECT_EQ(text_of(row, "client_id"), h.web.client_id);
  EXPECT_EQ(text_of(row, "user_id"), h.ada.user_id);
  EXPECT_EQ(text_of(row, "transfer_id"), text_of(h.world.logs("type:sertft").back(), "transfer_id"));
  EXPECT_FALSE(text_of(row, "transfer_id").empty());
}

// The token is refused with the login page and one row, and nobody is signed in.
void expect_refused(Handoff& h, const std::string& token, const std::string& reason, const std::string& description,
                    const http::Parameters& more = {}) {
  auto browser = h.browser();
  const auto page = h.redeem(browser, token, more);
  EXPECT_TRUE(page.is_login_page()) << page.status << page.url;
  EXPECT_FALSE(browser.cookies().contains("auth0"));
  expect_warning(h, reason, description);
  EXPECT_TRUE(h.world.logs("type:s").empty());
}

// --- The token. ---

TEST(SessionTransferEvaluation, refuses_an_unknown_token) {
  Handoff h;
  auto browser = h.browser();
  EXPECT_TRUE(h.redeem(browser, "stt_nonsense").is_login_page());
  const auto row = h.only_row("w");
  EXPECT_EQ(text_of(row, "description"), kNotFound);
  EXPECT_EQ(detail_of(row, "reason"), "unknown");
  EXPECT_EQ(text_of(row, "user_id"), "");
}

TEST(SessionTransferEvaluation, takes_a_token_in_its_last_second) {
  Handoff h;
  const auto token = h.transfer();
  h.world.clock.advance(60s - 1ms);
  EXPECT_TRUE(h.is_unspent(token));
}

TEST(SessionTransferEvaluation, refuses_a_token_after_sixty_seconds) {
  Handoff h;
  const auto token = h.transfer();
  h.world.clock.advance(60s);
  expect_refused(h, token, "expired", kNotFound);
}

TEST(SessionTransferEvaluation, tells_a_replay_from_an_expiry) {
  Handoff h;
  const auto token = h.transfer();
  EXPECT_TRUE(h.is_unspent(token));
  auto browser = h.browser();
  EXPECT_TRUE(tells(h.redeem(browser, token, parameters({{"prompt", "none"}})), "login_required"));
  expect_warning(h, "already_used", kNotFound);
  EXPECT_EQ(h.world.logs("type:fsa").size(), 1u);
}

TEST(SessionTransferEvaluation, spends_a_token_that_fails_a_check) {
  Handoff h;
  const auto token = h.transfer();
  auto elsewhere = h.browser();
  elsewhere.peer_address = kElsewhere;
  EXPECT_TRUE(h.redeem(elsewhere, token).is_login_page());
  EXPECT_FALSE(h.is_unspent(token));
}

// --- Device binding. ---

// The token of an exchange at 192.0.2.7, presented from `address`.
bool opens_from(Handoff& h, const std::string& address) {
  auto browser = h.browser();
  browser.peer_address = address;
  return signs_in(h.redeem(browser, h.transfer()));
}

TEST(SessionTransferEvaluation, binds_to_the_address_unless_told_otherwise) {
  Handoff h;
  EXPECT_FALSE(opens_from(h, "192.0.2.8"));
  expect_warning(h, "ip_mismatch", kBinding);
  EXPECT_FALSE(opens_from(h, ""));
  EXPECT_TRUE(opens_from(h, "192.0.2.7"));
}

TEST(SessionTransferEvaluation, binds_to_nothing_where_the_web_client_says_none) {
  Handoff h({.web_transfer = {{"enforce_device_binding", "none"}}});
  EXPECT_TRUE(opens_from(h, kElsewhere));
  EXPECT_TRUE(opens_from(h, ""));
}

TEST(SessionTransferEvaluation, never_loosens_the_binding_for_a_native_client) {
  Handoff h({.native_transfer = {{"enforce_device_binding", "none"}}});
  EXPECT_FALSE(opens_from(h, kElsewhere));
}

class WithGeoFile : public ::testing::Test {
 protected:
  WithGeoFile() { write_asn_file(path_, {{"192.0.2.0/24", 64500}, {"203.0.113.0/24", 64500}, {"198.51.100.0/24", 64501}}); }
  ~WithGeoFile() override { std::filesystem::remove(path_); }
  HandoffOptions options(const char* binding) const {
    HandoffOptions out{.web_transfer = {{"enforce_device_binding", binding}}};
    out.world.geo_files.asn = path_;
    return out;
  }

 private:
  const std::string path_ = ::testing::TempDir() + "segue-asn-" + std::to_string(::getpid()) + ".mmdb";
};

TEST_F(WithGeoFile, takes_another_address_of_the_same_network_operator) {
  Handoff h(options("asn"));
  EXPECT_TRUE(opens_from(h, "203.0.113.77"));
  EXPECT_TRUE(h.world.logs("type:w").empty());
}

TEST_F(WithGeoFile, refuses_an_address_of_another_network_operator) {
  Handoff h(options("asn"));
  EXPECT_FALSE(opens_from(h, kElsewhere));
  expect_warning(h, "asn_mismatch", kBinding);
}

TEST_F(WithGeoFile, refuses_an_address_whose_operator_is_unknown) {
  Handoff h(options("asn"));
  EXPECT_FALSE(opens_from(h, "10.1.2.3"));
  expect_warning(h, "asn_unknown", kBinding);
  EXPECT_EQ(detail_of(h.only_row("w"), "hint"), "");
}

TEST_F(WithGeoFile, compares_addresses_where_the_web_client_says_ip) {
  auto chosen = options("ip");
  chosen.native_transfer = {{"enforce_device_binding", "asn"}};
  Handoff h(chosen);
  EXPECT_FALSE(opens_from(h, "203.0.113.77"));
}

TEST_F(WithGeoFile, follows_the_native_client_where_the_web_client_says_nothing) {
  auto chosen = options("ip");
  chosen.web_transfer = {};
  chosen.native_transfer = {{"enforce_device_binding", "asn"}};
  Handoff h(chosen);
  EXPECT_TRUE(opens_from(h, "203.0.113.77"));
  EXPECT_FALSE(opens_from(h, kElsewhere));
}

TEST(SessionTransferEvaluation, refuses_binding_by_network_operator_without_a_database) {
  Handoff h({.web_transfer = {{"enforce_device_binding", "asn"}}});
  EXPECT_FALSE(opens_from(h, "192.0.2.7"));
  expect_warning(h, "asn_unknown", kBinding);
  EXPECT_NE(detail_of(h.only_row("w"), "hint").find("geoip.asn is not set"), std::string::npos);
}

// --- What stands above the token. ---

TEST(SessionTransferEvaluation, refuses_a_token_whose_creator_was_disabled) {
  Handoff h;
  const auto token = h.transfer();
  h.set_native({{"can_create_session_transfer_token", false}});
  expect_refused(h, token, "creator_disabled",
                 "Single Sign-On failed: The client that created the Session Transfer Token may not create one any more.");
}

TEST(SessionTransferEvaluation, refuses_a_token_whose_creator_was_deleted) {
  Handoff h;
  const auto token = h.transfer();
  h.world.managed(http::Method::delete_, "clients/" + h.native.client_id);
  expect_refused(h, token, "creator_disabled",
                 "Single Sign-On failed: The client that created the Session Transfer Token may not create one any more.");
}

TEST(SessionTransferEvaluation, refuses_a_token_whose_parent_was_revoked_whether_or_not_that_cascades) {
  for (const bool cascades : {true, false}) {
    Handoff h;
    const auto refresh_token = h.sign_in();
    const auto token = h.transfer_of(refresh_token);
    h.revoke(refresh_token, cascades);
    expect_refused(h, token, "parent_revoked", kParent);
  }
}

TEST(SessionTransferEvaluation, refuses_a_token_whose_family_was_ended_by_reuse) {
  Handoff h({.native_transfer = {{"enforce_cascade_revocation", false}}});
  const auto refresh_token = h.sign_in();
  const auto token = h.transfer_of(refresh_token);
  EXPECT_EQ(h.world.refresh(h.native, refresh_token).error(), "invalid_grant");
  expect_refused(h, token, "parent_revoked", kParent);
}

TEST(SessionTransferEvaluation, refuses_a_token_from_before_a_new_password) {
  Handoff h;
  const auto token = h.transfer();
  h.world.clock.advance(1s);
  h.world.managed(http::Method::patch, "users/" + h.ada.user_id, json::object{{"password", "Another-horse-8-battery"}});
  expect_refused(h, token, "parent_revoked", kParent);
}

TEST(SessionTransferEvaluation, refuses_a_token_of_a_user_who_was_blocked) {
  Handoff h;
  const auto token = h.transfer();
  h.world.managed(http::Method::patch, "users/" + h.ada.user_id, json::object{{"blocked", true}});
  expect_refused(h, token, "user_blocked", "Single Sign-On failed: The user of the Session Transfer Token is blocked.");
}

TEST(SessionTransferEvaluation, refuses_a_token_of_a_user_who_was_deleted) {
  Handoff h;
  const auto token = h.transfer();
  h.world.managed(http::Method::delete_, "users/" + h.ada.user_id);
  expect_refused(h, token, "parent_revoked", kParent);
}

// --- Connection and organization. ---

constexpr const char* kConnection =
    "Single Sign-On failed: The connection of the Session Transfer Token is not the requested one or is not enabled for this "
    "client.";

TEST(SessionTransferEvaluation, refuses_a_token_of_another_connection_than_the_requested_one) {
  Handoff h;
  const auto other = h.world.managed(http::Method::post, "connections", json::object{{"name", "Staff"}, {"strategy", "auth0"}});
  h.world.managed(http::Method::patch, "connections/" + text_of(other.as_object(), "id") + "/clients",
                  json::array{json::object{{"client_id", h.web.client_id}, {"status", true}}});
  EXPECT_TRUE(h.is_unspent(h.transfer()));
  auto browser = h.browser();
  EXPECT_TRUE(signs_in(h.redeem(browser, h.transfer(), parameters({{"connection", kPasswordRealm}}))));
  auto fresh = h.browser();
  EXPECT_TRUE(h.redeem(fresh, h.transfer(), parameters({{"connection", "Staff"}})).is_login_page());
  const auto row = h.only_row("w");
  EXPECT_EQ(detail_of(row, "reason"), "connection_disabled");
  EXPECT_EQ(text_of(row, "description"), kConnection);
}

TEST(SessionTransferEvaluation, refuses_a_token_whose_connection_no_longer_serves_the_web_client) {
  Handoff h;
  const auto token = h.transfer();
  const auto found = h.world.managed(http::Method::get, std::string("connections?name=") + kPasswordRealm);
  h.world.managed(http::Method::patch, "connections/" + text_of(found.as_array().at(0).as_object(), "id") + "/clients",
                  json::array{json::object{{"client_id", h.web.client_id}, {"status", false}}});
  auto browser = h.browser();
  EXPECT_TRUE(tells(h.redeem(browser, token, parameters({{"prompt", "none"}})), "login_required"));
  expect_warning(h, "connection_disabled", kConnection);
}

TEST(SessionTransferEvaluation, refuses_a_token_without_the_requested_organization) {
  Handoff h;
  expect_refused(h, h.transfer(), "organization_mismatch",
                 "Single Sign-On failed: Session Transfer Token organization mismatch detected.",
                 parameters({{"organization", "org_0000000000000001"}}));
}

// --- prompt and max_age. ---

TEST(SessionTransferEvaluation, does_not_replace_a_login_prompt) {
  for (const auto* prompt : {"login", "select_account"}) {
    Handoff h;
    const auto token = h.transfer();
    expect_refused(h, token, "prompt_required",
                   "Single Sign-On failed: The request asks for a login prompt, which a Session Transfer Token does not replace.",
                   parameters({{"prompt", prompt}}));
    EXPECT_FALSE(h.is_unspent(token));
  }
}

TEST(SessionTransferEvaluation, is_no_fresher_than_the_original_sign_in) {
  Handoff h;
  const auto refresh_token = h.sign_in();
  h.world.clock.advance(100s);
  expect_refused(h, h.transfer_of(refresh_token), "max_age",
                 "Single Sign-On failed: The original sign-in of the Session Transfer Token is older than the request's max_age.",
                 parameters({{"max_age", "99"}}));
}

TEST(SessionTransferEvaluation, states_the_time_of_the_original_sign_in) {
  Handoff h;
  const auto signed_in_at = base::to_seconds(h.world.clock.now());
  const auto refresh_token = h.sign_in();
  h.world.clock.advance(100s);
  auto browser = h.browser();
  const auto page = h.redeem(browser, h.transfer_of(refresh_token), parameters({{"max_age", "100"}}));
  ASSERT_TRUE(signs_in(page)) << page.url;
  const auto claims = claims_of(h.exchange_code(page).text("id_token"));
  EXPECT_EQ(json::find_integer(claims, "auth_time"), signed_in_at);
  EXPECT_EQ(json::find_integer(claims, "iat"), signed_in_at + 100);
}

TEST(SessionTransferEvaluation, never_satisfies_a_max_age_of_zero) {
  Handoff h;
  auto browser = h.browser();
  EXPECT_TRUE(h.redeem(browser, h.transfer(), parameters({{"max_age", "0"}})).is_login_page());
}

TEST(SessionTransferEvaluation, wins_over_a_login_hint_that_names_somebody_else) {
  Handoff h;
  auto browser = h.browser();
  EXPECT_TRUE(signs_in(h.redeem(browser, h.transfer(), parameters({{"login_hint", "bob@example.com"}}))));
}

// --- The session of somebody else. ---

TEST(SessionTransferEvaluation, ends_the_session_of_another_user_and_prompts) {
  Handoff h;
  auto browser = h.browser_of(h.world.create_user("bob@example.com"));
  auto kept = browser;
  const auto token = h.transfer();
  EXPECT_TRUE(h.redeem(browser, token).is_login_page());
  expect_warning(h, "user_mismatch", kUserMismatch);
  EXPECT_FALSE(browser.cookies().contains("auth0"));
  EXPECT_FALSE(browser.cookies().contains("auth0_compat"));
  EXPECT_EQ(h.sid_in(kept), "");
  EXPECT_FALSE(h.is_unspent(token));
}

TEST(SessionTransferEvaluation, ends_the_session_of_another_user_silently_where_no_page_may_show) {
  Handoff h;
  auto browser = h.browser_of(h.world.create_user("bob@example.com"));
  auto kept = browser;
  EXPECT_TRUE(tells(h.redeem(browser, h.transfer(), parameters({{"prompt", "none"}})), "login_required"));
  expect_warning(h, "user_mismatch", kUserMismatch);
  EXPECT_FALSE(browser.cookies().contains("auth0"));
  EXPECT_EQ(h.sid_in(kept), "");
}

TEST(SessionTransferEvaluation, keeps_the_session_of_another_user_where_the_token_is_not_good) {
  Handoff h;
  const auto bob = h.world.create_user("bob@example.com");
  for (const auto& [name, value] : {std::pair{"prompt", "login"}, {"max_age", "0"}, {"organization", "org_0000000000000001"}}) {
    auto browser = h.browser_of(bob);
    EXPECT_TRUE(h.redeem(browser, h.transfer(), parameters({{name, value}})).is_login_page()) << name;
    EXPECT_FALSE(h.sid_in(browser).empty()) << name;
  }
  auto browser = h.browser_of(bob);
  browser.peer_address = kElsewhere;
  EXPECT_TRUE(h.redeem(browser, h.transfer()).is_login_page());
  EXPECT_FALSE(h.sid_in(browser).empty());
}

}  // namespace
}  // namespace segue::test
