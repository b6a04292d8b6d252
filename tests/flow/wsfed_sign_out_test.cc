// Signing out by WS-Federation: wsignout1.0 and wsignoutcleanup1.0 at /wsfed and /wsfed/{client_id} (contract §5.3).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wsfed_flow.h"

namespace segue::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kHome = "https://rp.example/goodbye";

struct SignOut : ::testing::Test {
  WsfedFlow f;
  Browser browser = f.h.browser();

  // Through the page with the images, which goes on by itself.
  Page through(const Page& page) {
    const std::string_view mark = ";url=";
    const auto from = page.response.body.find(mark);
    if (page.status != 200 || from == std::string::npos) return page;
    return browser.open(page.response.body.substr(from + mark.size(), page.response.body.find('"', from) - from - mark.size()));
  }
  void SetUp() override {
    f.patch({{"allowed_logout_urls", json::array{kHome}}});
    f.sign_in(browser);
  }
  Page sign_out(const std::string& query) { return through(browser.open(f.url() + "?wa=wsignout1.0" + query)); }
  bool is_signed_in() { return !browser.open(f.ask()).is_login_page(); }
};

using WsfedSignOut = SignOut;

TEST_F(WsfedSignOut, ends_the_session_for_every_application_and_leads_to_a_registered_address) {
  const auto end = sign_out(std::string("&wtrealm=urn%3Arp&wreply=") + kHome);
  EXPECT_TRUE(end.left);
  EXPECT_EQ(end.url, kHome);
  EXPECT_FALSE(browser.cookies().contains("auth0"));
  EXPECT_TRUE(f.h.open(browser).is_login_page());
  const auto row = f.h.only_row("slo");
  EXPECT_EQ(detail_of(row, "protocol"), "wsfed");
  EXPECT_EQ(detail_of(row, "return_to"), kHome);
  EXPECT_EQ(text_of(row, "user_id"), f.h.ada.user_id);
  EXPECT_EQ(text_of(row, "client_id"), f.h.web.client_id);
}

TEST_F(WsfedSignOut, shows_a_page_where_it_leads_nowhere) {
  const auto page = sign_out("");
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.response.body, HasSubstr("You are signed out"));
  EXPECT_FALSE(is_signed_in());
  // Again, with nobody signed in.
  EXPECT_EQ(sign_out("").status, 200);
  EXPECT_EQ(f.h.world.logs("type:slo").size(), 1u);
}

TEST_F(WsfedSignOut, leads_nowhere_else_and_then_ends_nothing) {
  for (const std::string foreign : {"https://evil.example/", "https://rp.example/goodbye/", kReply, "javascript:alert(1)"}) {
    const auto page = sign_out("&wreply=" + foreign);
    EXPECT_EQ(page.status, 400) << foreign;
    EXPECT_FALSE(page.left) << foreign;
    EXPECT_THAT(page.response.body, HasSubstr("wreply")) << foreign;
  }
  EXPECT_TRUE(is_signed_in());
  EXPECT_EQ(detail_of(f.h.world.logs("type:flo").at(0), "protocol"), "wsfed");
  EXPECT_TRUE(f.h.world.logs("type:f").empty());
}

TEST_F(WsfedSignOut, of_no_application_leads_to_an_address_of_the_tenant) {
  const auto url = "/wsfed?wa=wsignout1.0&wreply=https%3A%2F%2Ftenant.example%2Fbye";
  EXPECT_EQ(browser.open(url).status, 400);
  EXPECT_EQ(browser.open(std::string("/wsfed?wa=wsignout1.0&wreply=") + kHome).status, 400)
      << "an application's, who is not named";
  f.h.world.managed(http::Method::patch, "tenants/settings",
                    json::object{{"allowed_logout_urls", json::array{"https://tenant.example/bye"}}});
  EXPECT_EQ(browser.open("/wsfed?wa=wsignout1.0&wtrealm=urn%3Anobody").status, 404);
  EXPECT_TRUE(is_signed_in());
  EXPECT_EQ(through(browser.open(url)).url, "https://tenant.example/bye");
  EXPECT_FALSE(is_signed_in());
}

TEST_F(WsfedSignOut, by_realm_leads_to_an_address_of_that_application) {
  EXPECT_EQ(through(browser.open(std::string("/wsfed?wa=wsignout1.0&wtrealm=urn%3Arp&wreply=") + kHome)).url, kHome);
  EXPECT_FALSE(is_signed_in());
}

TEST_F(WsfedSignOut, cleans_up_without_leading_anywhere) {
  const auto page = through(browser.open(f.url() + "?wa=wsignoutcleanup1.0&wreply=https%3A%2F%2Fevil.example%2F"));
  EXPECT_EQ(page.status, 200);
  EXPECT_FALSE(page.left);
  EXPECT_FALSE(is_signed_in());
}

TEST_F(WsfedSignOut, in_the_name_of_an_application_that_does_not_speak_it_ends_nothing) {
  const auto other = f.h.world.web_client("https://other.example", {{"allowed_logout_urls", json::array{kHome}}});
  for (const auto* action : {"wsignout1.0", "wsignoutcleanup1.0"}) {
    const auto page = browser.open("/wsfed/" + other.client_id + "?wa=" + action + "&wreply=" + kHome);
    EXPECT_EQ(page.status, 403) << action;
    EXPECT_FALSE(page.left) << action;
    EXPECT_THAT(page.response.body, HasSubstr("addons.wsfed")) << action;
  }
  EXPECT_TRUE(is_signed_in());
  EXPECT_EQ(text_of(f.h.world.logs("type:flo").at(0), "client_id"), other.client_id);
}

TEST_F(WsfedSignOut, is_not_done_for_a_prefetch) {
  browser.extra.set("sec-purpose", "prefetch");
  EXPECT_EQ(sign_out("").status, 204);
  browser.extra = {};
  EXPECT_TRUE(is_signed_in());
}

TEST_F(WsfedSignOut, may_be_asked_for_by_a_form_of_another_site) {
  const auto form = parameters({{"wa", "wsignout1.0"}, {"wreply", kHome}});
  const auto again = browser.post_from_elsewhere(f.url(), form, "https://rp.example");
  EXPECT_TRUE(is_signed_in());
  EXPECT_EQ(through(browser.submit(again, form)).url, kHome);
  EXPECT_FALSE(is_signed_in());
}

TEST_F(WsfedSignOut, leaves_the_cookie_of_the_session_worth_nothing) {
  const auto cookie = browser.cookies().at("auth0");
  sign_out("");
  browser.plant("auth0", cookie);
  EXPECT_FALSE(is_signed_in());
}

// --- Who is told. ---

TEST_F(WsfedSignOut, of_openid_connect_shows_an_image_of_each_relying_party_and_then_goes_on) {
  const auto url = "/v2/logout?client_id=" + f.h.web.client_id + "&returnTo=" + kHome;
  const auto page = browser.open(url);
  ASSERT_EQ(page.status, 200) << page.url;
  EXPECT_THAT(page.response.body, HasSubstr("src=\"https://rp.example/signin-wsfed?wa=wsignoutcleanup1.0\""));
  EXPECT_THAT(header_of(page.response, "content-security-policy"), HasSubstr("img-src 'self' data: https://rp.example;"));
  EXPECT_FALSE(browser.cookies().contains("auth0")) << "the session is over before anybody is told";
  EXPECT_EQ(through(page).url, kHome);
  EXPECT_EQ(browser.open(url).url, kHome) << "once";
}

TEST_F(WsfedSignOut, shows_no_image_of_who_asks_for_it_or_was_never_answered) {
  EXPECT_EQ(browser.open(f.url() + "?wa=wsignout1.0&wreply=" + kHome).url, kHome) << "it has ended its own session";
  browser.submit_login(browser.open(authorize_url(f.h.web, kWebCallback)), f.h.ada);
  EXPECT_EQ(browser.open("/v2/logout?client_id=" + f.h.web.client_id).url, kHome) << "it spoke OpenID Connect";
}

TEST_F(WsfedSignOut, is_told_at_the_address_of_the_last_answer) {
  WsfedFlow::read(browser.open(f.ask(parameters({{"wreply", kWebCallback}}))));
  const auto page = browser.open("/v2/logout");
  EXPECT_THAT(page.response.body, HasSubstr("src=\"https://app.example/callback?wa=wsignoutcleanup1.0\""));
  EXPECT_THAT(page.response.body, Not(HasSubstr("rp.example")));
}

}  // namespace
}  // namespace segue::test
