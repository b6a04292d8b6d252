// A session transfer token opens a relying party of WS-Federation, by the rules of /authorize (contract §1.7, §1.8).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "openid.h"
#include "wsfed_flow.h"

namespace segue::test {
namespace {
using namespace std::chrono_literals;

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kCookies[] = {"auth0_session_transfer_token", "session_transfer_token"};

// As passport-wsfed-saml2 passes it on (real clients §8.3).
Page redeem(WsfedFlow& f, Browser& browser, const std::string& token, const http::Parameters& more = {}) {
  return browser.open(f.ask(more) + "&whr=&session_transfer_token=" + token);
}

bool signs_in(const Page& page, const User& user) {
  if (page.field("wresult").empty()) return false;
  const auto answer = WsfedFlow::read(page);
  return answer.fault().empty() && answer.name_id() == user.user_id;
}

TEST(WsfedHandoff, opens_signed_in_by_a_token_in_the_query) {
  WsfedFlow f;
  auto browser = f.h.browser();
  const auto token = f.h.transfer();
  const auto page = redeem(f, browser, token);
  EXPECT_TRUE(signs_in(page, f.h.ada));
  EXPECT_THAT(page.response.body, Not(HasSubstr(token)));
  const auto row = f.h.only_row("s");
  EXPECT_EQ(detail_of(row, "triggered_by_session_transfer_token"), "true");
  EXPECT_EQ(detail_of(row, "protocol"), "wsfed");
  EXPECT_EQ(text_of(row, "transfer_id"), text_of(f.h.only_row("sertft"), "transfer_id"));
  EXPECT_FALSE(f.h.is_unspent(token));
}

TEST(WsfedHandoff, opens_signed_in_by_a_cookie_of_either_name) {
  for (const auto* name : kCookies) {
    WsfedFlow f;
    f.h.set_web({{"allowed_authentication_methods", json::array{"cookie"}}});
    auto browser = f.h.browser();
    browser.plant(name, f.h.transfer());
    EXPECT_TRUE(signs_in(browser.open(f.ask()), f.h.ada)) << name;
    EXPECT_FALSE(browser.cookies().contains(name)) << name;
  }
}

TEST(WsfedHandoff, opens_signed_in_by_a_form_of_the_relying_party) {
  WsfedFlow f;
  auto browser = f.h.browser();
  const auto form = parameters({{"wa", "wsignin1.0"}, {"wtrealm", kRealm}, {"session_transfer_token", f.h.transfer()}});
  const auto again = browser.post_from_elsewhere(f.url(), form, "https://rp.example");
  EXPECT_TRUE(f.h.world.logs("type:w").empty()) << "nothing is decided before our own page has sent it again";
  EXPECT_TRUE(signs_in(browser.submit(again, form), f.h.ada));
}

TEST(WsfedHandoff, counts_once) {
  WsfedFlow f;
  auto browser = f.h.browser();
  const auto token = f.h.transfer();
  EXPECT_TRUE(signs_in(redeem(f, browser, token), f.h.ada));
  auto another = f.h.browser();
  EXPECT_TRUE(redeem(f, another, token).is_login_page());
  EXPECT_THAT(text_of(f.h.only_row("w"), "description"), HasSubstr("not found or expired"));
  // Nor after its minute.
  const auto late = f.h.transfer();
  f.h.world.clock.advance(61s);
  EXPECT_TRUE(redeem(f, another, late).is_login_page());
}

TEST(WsfedHandoff, is_not_spent_for_a_request_that_is_refused) {
  WsfedFlow f;
  auto browser = f.h.browser();
  const auto token = f.h.transfer();
  for (const auto& more :
       {parameters({{"wreply", "https://evil.example/"}}), parameters({{"wtrealm", "urn:victim"}}), parameters({{"wreq", "x"}}),
        parameters({{"wct", "2001-01-01T00:00:00Z"}}), parameters({{"whr", "no-such"}})}) {
    // `whr` may stand once.
    const auto page = browser.open(f.ask(more) + "&session_transfer_token=" + token);
    EXPECT_FALSE(signs_in(page, f.h.ada));
    EXPECT_FALSE(page.is_login_page());
  }
  auto prefetching = f.h.browser();
  prefetching.extra.set("sec-purpose", "prefetch");
  EXPECT_EQ(redeem(f, prefetching, token).status, 204);
  EXPECT_TRUE(signs_in(redeem(f, browser, token), f.h.ada));
}

TEST(WsfedHandoff, keeps_to_the_methods_that_the_client_accepts) {
  WsfedFlow f;
  f.h.set_web({{"allowed_authentication_methods", json::array{"cookie"}}});
  auto browser = f.h.browser();
  EXPECT_TRUE(redeem(f, browser, f.h.transfer()).is_login_page());
  EXPECT_EQ(detail_of(f.h.only_row("w"), "reason"), "method_not_allowed");
}

TEST(WsfedHandoff, is_bound_to_the_device) {
  WsfedFlow f;
  auto browser = f.h.browser();
  browser.peer_address = "198.51.100.20";
  EXPECT_TRUE(redeem(f, browser, f.h.transfer()).is_login_page());
  EXPECT_THAT(text_of(f.h.only_row("w"), "description"), HasSubstr("device binding"));
}

TEST(WsfedHandoff, ends_the_session_of_another_user_and_asks) {
  WsfedFlow f;
  const auto eve = f.h.world.create_user("eve@example.com");
  auto browser = f.h.browser();
  const auto login = browser.open(f.ask());
  EXPECT_TRUE(signs_in(browser.submit_login(login, eve), eve));
  EXPECT_TRUE(redeem(f, browser, f.h.transfer()).is_login_page());
  EXPECT_THAT(text_of(f.h.only_row("w"), "description"), HasSubstr("user mismatch"));
  EXPECT_TRUE(browser.open(f.ask()).is_login_page()) << "Eve's session is over";
}

TEST(WsfedHandoff, of_an_organization_opens_for_that_organization_only) {
  WsfedFlow f;
  auto browser = f.h.browser();
  EXPECT_FALSE(signs_in(redeem(f, browser, f.h.transfer(), parameters({{"organization", "org_nowhere"}})), f.h.ada));
}

constexpr const char* kNativeCallback = "https://native.example/callback";

struct WsfedHandoffOfOrganization : ::testing::Test {
  WsfedFlow f{{}, {.native = {{"organization_usage", "allow"}, {"callbacks", json::array{kNativeCallback}}}}};
  std::string acme = organization("acme"), other = organization("other");

  void SetUp() override { f.patch({{"organization_usage", "allow"}}); }
  std::string organization(const std::string& name) {
    auto& world = f.h.world;
    const auto found = world.managed(http::Method::get, std::string("connections?name=") + kPasswordRealm);
    const auto connection_id = json::find_string(found.as_array().at(0).as_object(), "id").value_or("");
    const auto made =
        world.managed(http::Method::post, "organizations",
                      {{"name", name}, {"enabled_connections", json::array{json::object{{"connection_id", connection_id}}}}});
    auto id = json::find_string(made.as_object(), "id").value_or("");
    world.managed(http::Method::post, "organizations/" + id + "/members", {{"members", json::array{f.h.ada.user_id}}});
    return id;
  }
  // Of a sign-in at the native app for the organization.
  std::string transfer(const std::string& organization_id) {
    auto device = f.h.browser();
    const auto login = device.open(authorize_url(f.h.native, kNativeCallback,
                                                 parameters({{"scope", "openid offline_access"},
                                                             {"code_challenge", kChallenge},
                                                             {"code_challenge_method", "S256"},
                                                             {"organization", organization_id}})));
    const auto end = device.submit_login(login, f.h.ada);
    const auto tokens = f.h.world.token_request(parameters({{"grant_type", "authorization_code"},
                                                            {"client_id", f.h.native.client_id},
                                                            {"code", end.parameter("code")},
                                                            {"code_verifier", kVerifier},
                                                            {"redirect_uri", kNativeCallback}}));
    return f.h.transfer_of(tokens.refresh_token());
  }
  Page redeem_for(const std::string& token, const std::string& organization_id) {
    auto browser = f.h.browser();
    return redeem(f, browser, token, parameters({{"organization", organization_id}}));
  }
};

TEST_F(WsfedHandoffOfOrganization, opens_signed_in_for_the_same_one) {
  EXPECT_TRUE(signs_in(redeem_for(transfer(acme), acme), f.h.ada));
  EXPECT_EQ(text_of(f.h.world.logs("type:s").at(0), "organization_id"), acme);
}

TEST_F(WsfedHandoffOfOrganization, asks_for_another_one_or_none) {
  for (const auto& asked : {other, std::string()}) {
    EXPECT_TRUE(redeem_for(transfer(acme), asked).is_login_page()) << asked;
    EXPECT_EQ(detail_of(f.h.world.logs("type:w").at(0), "reason"), "organization_mismatch") << asked;
  }
}

class LookingPipeline final : public oauth::SignInPipeline {
 public:
  bool is_empty(const tenancy::Snapshot&) const override { return !looks; }
  oauth::SignInResult run(const oauth::SignIn& sign_in) override {
    query = sign_in.request->other;
    protocol = sign_in.protocol;
    has_token = sign_in.session_transfer_token != nullptr;
    return {};
  }
  bool looks = false, has_token = false;
  std::string protocol;
  json::object query;
};

TEST(WsfedHandoff, is_what_the_pipeline_is_told_without_the_token_itself) {
  LookingPipeline pipeline;
  HandoffOptions options;
  options.world.pipeline = &pipeline;
  WsfedFlow f({}, std::move(options));
  const auto token = f.h.transfer();
  pipeline.looks = true;
  auto browser = f.h.browser();
  EXPECT_TRUE(signs_in(redeem(f, browser, token, parameters({{"ext-plan", "gold"}})), f.h.ada));
  EXPECT_EQ(pipeline.protocol, "wsfed");
  EXPECT_TRUE(pipeline.has_token);
  EXPECT_EQ(json::find_string(pipeline.query, "ext-plan"), "gold");
  EXPECT_EQ(json::find_string(pipeline.query, "wtrealm"), kRealm);
  EXPECT_THAT(json::write(pipeline.query), Not(HasSubstr(token)));
}

// --- Links that nobody asked for. ---

TEST(WsfedHandoff, is_not_spent_where_nobody_asked_for_the_sign_in) {
  WsfedFlow f;
  const auto token = f.h.transfer();
  for (const std::string query : {"?", "?wa=wsignin1.0&", "?wtrealm=urn%3Arp&", "?wctx=x&whr=&"}) {
    auto browser = f.h.browser();
    EXPECT_TRUE(browser.open(f.url() + query + "session_transfer_token=" + token).is_login_page()) << query;
    EXPECT_EQ(detail_of(f.h.world.logs("type:w").at(0), "reason"), "unsolicited") << query;
  }
  f.set_addon({{"allow_transfer_on_idp_initiated", true}});
  auto browser = f.h.browser();
  EXPECT_TRUE(signs_in(browser.open(f.url() + "?session_transfer_token=" + token), f.h.ada));
}

TEST(WsfedHandoff, begins_behind_authorize_with_the_sign_in_url_as_redirect_uri) {
  WsfedFlow f;
  auto browser = f.h.browser();
  const auto page =
      browser.open(authorize_url(f.h.web, f.url() + "?wctx=deep", parameters({{"session_transfer_token", f.h.transfer()}})));
  ASSERT_TRUE(signs_in(page, f.h.ada)) << page.url << page.response.body.substr(0, 500);
  const auto answer = WsfedFlow::read(page);
  EXPECT_EQ(answer.wctx, "deep");
  EXPECT_EQ(answer.action, kReply);
}

}  // namespace
}  // namespace segue::test
