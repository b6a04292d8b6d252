// A session transfer token opens a service provider of SAML 2.0, by the rules and with the rows of /authorize (contract §1.7,
// §1.8).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "saml_flow.h"
#include "support/actions.h"

namespace segue::test {
namespace {
using namespace std::chrono_literals;

namespace status = saml_messages::status;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kCookie = "auth0_session_transfer_token";
constexpr const char* kOtherCookie = "session_transfer_token";

std::string with(const std::string& token) { return "&session_transfer_token=" + token; }

struct SamlTransfer : ::testing::Test {
  FakeRunner runner;
  SamlFlow f{{}, {.world = {.run_actions = runner.run()}}};
  Handoff& h = f.h;

  // Opens signed in, without a page.
  SamlAnswer opened(Browser& browser, const std::string& url) { return SamlFlow::read(browser.open(url)); }
  std::string reason() { return detail_of(h.only_row("w"), "reason"); }
};

TEST_F(SamlTransfer, opens_signed_in_by_the_query) {
  auto browser = h.browser();
  const auto token = h.transfer();
  const auto answer = opened(browser, f.redirect({}, with(token)));
  EXPECT_EQ(answer.status(), status::kSuccess);
  EXPECT_EQ(answer.name_id(), h.ada.user_id);
  EXPECT_EQ(answer.relay_state, "state 1");
  const auto row = h.only_row("s");
  EXPECT_EQ(detail_of(row, "triggered_by_session_transfer_token"), "true");
  EXPECT_EQ(detail_of(row, "protocol"), "samlp");
  EXPECT_EQ(text_of(row, "transfer_id"), text_of(h.only_row("sertft"), "transfer_id"));
  EXPECT_FALSE(h.is_unspent(token));
}

TEST_F(SamlTransfer, opens_signed_in_by_a_form_and_by_the_query_of_its_address) {
  auto browser = h.browser();
  EXPECT_EQ(
      SamlFlow::read(f.post(browser, f.form(f.authn_request(), parameters({{"session_transfer_token", h.transfer()}})))).status(),
      status::kSuccess);
  auto another = h.browser();
  EXPECT_EQ(
      SamlFlow::read(f.post(another, f.form(f.authn_request({.id = "_r2"})), "?session_transfer_token=" + h.transfer())).status(),
      status::kSuccess);
}

TEST_F(SamlTransfer, opens_signed_in_by_the_cookie_under_both_names) {
  h.set_web({{"allowed_authentication_methods", json::array{"cookie"}}});
  int number = 0;
  for (const auto* name : {kCookie, kOtherCookie}) {
    auto browser = h.browser();
    browser.plant(name, h.transfer());
    EXPECT_EQ(opened(browser, f.redirect({.id = "_c" + std::to_string(++number)})).status(), status::kSuccess) << name;
    EXPECT_FALSE(browser.cookies().contains(name)) << name;
  }
  // A form of another site comes without what would be evaluated twice: the token is spent once.
  auto browser = h.browser();
  browser.plant(kCookie, h.transfer());
  EXPECT_EQ(SamlFlow::read(f.post(browser, f.form(f.authn_request({.id = "_p"})))).status(), status::kSuccess);
}

TEST_F(SamlTransfer, is_one_session_with_what_openid_connect_opens) {
  auto browser = h.browser();
  opened(browser, f.redirect({}, with(h.transfer())));
  const auto session = h.stored_session(browser);
  EXPECT_TRUE(session.opened_by_transfer);
  EXPECT_EQ(h.sid_in(browser), session.sid);
  // Where the parent refresh token ends, it ends.
  auto another = h.browser();
  const auto refresh_token = h.sign_in();
  opened(another, f.redirect({.id = "_r2"}, with(h.transfer_of(refresh_token))));
  h.revoke(refresh_token, true);
  EXPECT_TRUE(another.open(f.redirect({.id = "_r3"})).is_login_page());
}

TEST_F(SamlTransfer, shows_the_service_provider_in_the_session_graph) {
  auto browser = h.browser();
  opened(browser, f.redirect({}, with(h.transfer())));
  const auto sessions = h.world.managed(http::Method::get, "users/" + base::percent_encode(h.ada.user_id) + "/sessions");
  EXPECT_THAT(json::write(sessions), HasSubstr(h.web.client_id));
}

TEST_F(SamlTransfer, is_spent_by_its_first_use) {
  auto browser = h.browser();
  const auto token = h.transfer();
  opened(browser, f.redirect({}, with(token)));
  auto thief = h.browser();
  EXPECT_TRUE(thief.open(f.redirect({.id = "_r2"}, with(token))).is_login_page());
  EXPECT_EQ(reason(), "already_used");
  EXPECT_EQ(detail_of(h.only_row("w"), "protocol"), "samlp");
}

TEST_F(SamlTransfer, ends_the_session_of_another_person_and_asks) {
  const auto eve = h.world.create_user("eve@example.com");
  auto browser = h.browser();
  browser.submit_login(browser.open(f.redirect()), eve);
  EXPECT_TRUE(browser.open(f.redirect({.id = "_r2"}, with(h.transfer()))).is_login_page());
  EXPECT_EQ(reason(), "user_mismatch");
  EXPECT_FALSE(browser.cookies().contains("auth0"));
}

TEST_F(SamlTransfer, is_bound_to_the_device) {
  auto browser = h.browser();
  browser.peer_address = "198.51.100.9";
  EXPECT_TRUE(browser.open(f.redirect({}, with(h.transfer()))).is_login_page());
  EXPECT_EQ(reason(), "ip_mismatch");
}

TEST_F(SamlTransfer, is_for_the_organization_of_its_sign_in) {
  h.world.managed(http::Method::patch, "clients/" + h.web.client_id, json::object{{"organization_usage", "allow"}});
  const auto found = h.world.managed(http::Method::get, std::string("connections?name=") + kPasswordRealm);
  const auto connection_id = json::find_string(found.as_array().at(0).as_object(), "id").value_or("");
  const auto made =
      h.world.managed(http::Method::post, "organizations",
                      {{"name", "acme"}, {"enabled_connections", json::array{json::object{{"connection_id", connection_id}}}}});
  auto browser = h.browser();
  const auto id = json::find_string(made.as_object(), "id").value_or("");
  EXPECT_TRUE(browser.open(f.redirect({}, with(h.transfer()) + "&organization=" + id)).is_login_page());
  EXPECT_EQ(reason(), "organization_mismatch");
}

TEST_F(SamlTransfer, is_not_looked_at_where_the_client_does_not_take_it_so) {
  h.set_web({{"allowed_authentication_methods", json::array{"cookie"}}});
  const auto token = h.transfer();
  auto browser = h.browser();
  EXPECT_TRUE(browser.open(f.redirect({}, with(token))).is_login_page());
  EXPECT_EQ(reason(), "method_not_allowed");
  browser.plant(kCookie, token);
  EXPECT_EQ(opened(browser, f.redirect({.id = "_r2"})).status(), status::kSuccess);
}

TEST_F(SamlTransfer, is_no_fresh_authentication) {
  auto browser = h.browser();
  EXPECT_TRUE(browser.open(f.redirect({.attributes = " ForceAuthn=\"true\""}, with(h.transfer()))).is_login_page());
  EXPECT_EQ(reason(), "prompt_required");
}

TEST_F(SamlTransfer, is_refused_by_a_status_response_where_no_page_may_be_shown) {
  auto browser = h.browser();
  const auto token = h.transfer();
  h.world.clock.advance(2min);
  const auto answer = opened(browser, f.redirect({.attributes = " IsPassive=\"true\""}, with(token)));
  EXPECT_EQ(answer.sub_status(), status::kNoPassive);
  EXPECT_EQ(reason(), "expired");
}

TEST_F(SamlTransfer, is_not_spent_for_a_request_that_is_refused_before) {
  const auto token = h.transfer();
  auto browser = h.browser();
  for (const auto& request :
       {AuthnRequestText{.consumer = "https://evil.example/acs"}, AuthnRequestText{.destination = "https://evil.example/"}})
    EXPECT_GE(browser.open(f.redirect(request, with(token))).status, 400);
  const AuthnRequestText late{.id = "_late", .issued = h.world.clock.now() - 10min};
  EXPECT_EQ(opened(browser, f.redirect(late, with(token))).status(), status::kRequester);
  browser.open(f.redirect({.id = "_once"}));
  EXPECT_EQ(opened(browser, f.redirect({.id = "_once"}, with(token))).status(), status::kRequester);
  EXPECT_TRUE(h.is_unspent(token));
}

TEST_F(SamlTransfer, counts_on_a_start_that_nobody_asked_for_only_where_the_client_says_so) {
  f.set_addon({{"audience", kServiceProvider}});
  const auto token = h.transfer();
  auto browser = h.browser();
  EXPECT_TRUE(browser.open(f.sign_on_url() + "?session_transfer_token=" + token).is_login_page());
  EXPECT_EQ(reason(), "unsolicited");
  const auto story = h.world.managed(http::Method::get, "segue/transfers/" + text_of(h.only_row("sertft"), "transfer_id"));
  EXPECT_EQ(text_of(story.get_object(), "reason"), "unsolicited");
  EXPECT_EQ(text_of(story.get_object(), "verdict"), "pending") << "it was not spent";
  // What the browser was signed in as stays.
  auto eves = h.browser_of(h.world.create_user("eve@example.com"));
  const auto before = h.sid_in(eves);
  eves.open(f.sign_on_url() + "?session_transfer_token=" + token);
  EXPECT_EQ(h.sid_in(eves), before);
  f.set_addon({{"allow_transfer_on_idp_initiated", true}});
  const auto answer = opened(browser, f.sign_on_url() + "?session_transfer_token=" + token);
  EXPECT_EQ(answer.status(), status::kSuccess);
  EXPECT_EQ(answer.name_id(), h.ada.user_id);
}

TEST_F(SamlTransfer, leads_from_authorize_to_the_sign_in_url_and_on_to_the_service_provider) {
  f.set_addon({{"audience", kServiceProvider}});
  auto browser = h.browser();
  const auto url =
      authorize_url(h.web, f.sign_on_url() + "?RelayState=deep", parameters({{"session_transfer_token", h.transfer()}}));
  const auto answer = opened(browser, url);
  EXPECT_EQ(answer.action, kConsumer);
  EXPECT_EQ(answer.name_id(), h.ada.user_id);
  EXPECT_EQ(answer.relay_state, "deep");
}

// --- Actions. ---

TEST_F(SamlTransfer, is_what_actions_are_told_and_may_refuse) {
  const auto token = h.transfer();
  bind(h.world, "post-login", {{"Decide", "exports.onExecutePostLogin = async () => {};"}});
  runner.commands = {{"access.deny", {"Not from here."}}};
  auto browser = h.browser();
  const auto answer = opened(browser, f.redirect({}, with(token) + "&ext-shown=1&ext-large=" + std::string(1100, 'x')));
  EXPECT_EQ(answer.status(), status::kResponder);
  EXPECT_EQ(answer.sub_status(), status::kRequestDenied);
  EXPECT_THAT(answer.xml, HasSubstr("Not from here."));
  EXPECT_FALSE(browser.cookies().contains("auth0"));
  EXPECT_EQ(runner.in_event("transaction.protocol"), "samlp");
  EXPECT_EQ(runner.in_event("transaction.redirect_uri"), kConsumer);
  EXPECT_EQ(runner.in_event("transaction.response_mode"), "");
  EXPECT_EQ(runner.in_event("session_transfer_token.client_id"), h.native.client_id);
  EXPECT_EQ(runner.in_event("request.query.RelayState"), "state 1");
  EXPECT_EQ(runner.in_event("request.query.ext-shown"), "1");
  EXPECT_EQ(runner.in_event("request.query.session_transfer_token"), "");
  EXPECT_EQ(runner.in_event("request.query.SAMLRequest"), "");
  EXPECT_EQ(runner.in_event("request.query.ext-large"), "") << "it would be stored for whoever sends it";
}

TEST_F(SamlTransfer, is_answered_as_actions_say) {
  bind(h.world, "post-login", {{"Decide", "exports.onExecutePostLogin = async () => {};"}});
  runner.commands = {{"samlResponse.setAttribute", {"department", json::array{"7", "8"}}},
                     {"samlResponse.setAudience", {"urn:other"}},
                     {"samlResponse.setRelayState", {"elsewhere"}},
                     {"samlResponse.setDestination", {kWebCallback}},
                     {"samlResponse.setSignResponse", {true}},
                     {"samlResponse.setNameIdentifierProbes",
                      {json::array{"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress"}}}};
  auto browser = h.browser();
  const auto answer = opened(browser, f.redirect({}, with(h.transfer())));
  EXPECT_EQ(answer.attribute("department"), "7,8");
  EXPECT_EQ(answer.audience(), "urn:other");
  EXPECT_EQ(answer.relay_state, "elsewhere");
  EXPECT_EQ(answer.action, kWebCallback);
  EXPECT_EQ(answer.name_id(), "ada@example.com");
  EXPECT_TRUE(xml::verified(answer.document.root(), f.idp_key()).ok());
  // Only to places that are the client's.
  runner.commands = {{"samlResponse.setDestination", {"https://evil.example/acs"}}};
  const auto refused = opened(browser, f.redirect({.id = "_r2"}));
  EXPECT_EQ(refused.action, kConsumer);
  EXPECT_FALSE(refused.assertion());
}

TEST_F(SamlTransfer, is_answered_so_also_after_an_action_sent_the_person_elsewhere) {
  const auto token = h.transfer();
  bind(h.world, "post-login", {{"Decide", "exports.onExecutePostLogin = async () => {};"}});
  runner.commands = {{"samlResponse.setAttribute", {"department", "7"}}, {"redirect.sendUserTo", {"https://ask.example/"}}};
  auto browser = h.browser();
  const auto away = browser.open(f.redirect({}, with(token)));
  ASSERT_TRUE(away.left) << away.url;
  runner.commands = {};
  const auto answer = opened(browser, "/continue?state=" + away.parameter("state"));
  EXPECT_EQ(answer.attribute("department"), "7");
  EXPECT_EQ(answer.name_id(), h.ada.user_id);
}

}  // namespace
}  // namespace segue::test
