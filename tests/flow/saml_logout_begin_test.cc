// How a sign-out begins (contract §5.3, §5.8; docs/decisions/0041): which session a service provider's request is about, who may
// lead the browser on, and what a request that comes twice or half has done.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "saml_idp/saml_protocol.h"
#include "saml_logout_flow.h"
#include "sessions/end_session.h"
#include "sessions/session_cookie.h"
#include "store/sessions.h"
#include "wsfed_flow.h"
#include "wsfed_idp/ws_federation.h"

namespace segue::test {
namespace {
using namespace std::chrono_literals;

namespace status = saml_messages::status;
using http::Method;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAreArray;

struct Begin : ::testing::Test {
  SamlLogout s;
  World& world = s.world;
  Party a = s.add("a"), b = s.add("b");
  Browser browser = s.h.browser();

  void SetUp() override {
    for (auto* party : {&a, &b}) s.sign_in(browser, *party);
  }
  // Another session of the same person in the same browser.
  void sign_in_again() {
    const auto login = s.h.open(browser, parameters({{"prompt", "login"}}));
    ASSERT_TRUE(login.is_login_page());
    browser.submit_login(login, s.h.ada);
  }
  // Log rows that say who was not told.
  std::vector<json::object> untold_rows() {
    auto rows = world.logs("type:flo");
    std::erase_if(rows, [](const auto& row) { return text_of(row, "description").find("Not told: ") == std::string::npos; });
    return rows;
  }
};

// --- Which session. ---

TEST_F(Begin, of_a_service_provider_that_signed_in_before_the_next_sign_in_ends_the_session_that_lives) {
  for (const std::string index : {"", "-"}) {
    sign_in_again();
    const auto cookie = browser.cookies().at("auth0");
    auto page = browser.open(s.logout_link(a, {.id = "_l" + index, .index = index}));
    auto again = s.h.browser();
    again.plant("auth0", cookie);
    EXPECT_EQ(s.h.sid_in(again), "") << "with the index: " << index;
    ASSERT_TRUE(s.is_at(page, b)) << page.url << page.response.body;
    page = s.answer(browser, b, page);
    ASSERT_TRUE(s.is_at(page, a));
    const auto answer = s.read_response(page);
    EXPECT_EQ(answer.status.code, status::kSuccess);
    EXPECT_EQ(answer.status.sub_code, "");
    for (auto* party : {&a, &b}) s.sign_in(browser, *party);
  }
  EXPECT_THAT(world.logs("type:slo"), SizeIs(2));
}

TEST_F(Begin, of_a_service_provider_whose_session_was_replaced_twice_ends_the_last_one) {
  sign_in_again();
  sign_in_again();
  const auto page = browser.open(s.logout_link(a));
  EXPECT_TRUE(s.is_at(page, b)) << page.url;
  EXPECT_THAT(world.logs("type:slo"), SizeIs(1));
}

// --- Frames and images, where browsers keep cookies of other sites to themselves. ---

struct NotTopLevel : Begin, ::testing::WithParamInterface<const char*> {
  http::Headers window;
  void SetUp() override {
    Begin::SetUp();
    window = browser.extra;
  }
  void leave_window() {
    browser.extra.set("sec-fetch-dest", GetParam());
    browser.extra.set("sec-fetch-mode", std::string_view(GetParam()) == "iframe" ? "navigate" : "no-cors");
  }
  void expect_told_by_the_log(const std::vector<std::string>& client_ids) {
    world.tell_relying_parties();
    const auto rows = untold_rows();
    ASSERT_THAT(rows, SizeIs(1));
    EXPECT_THAT(json::find_strings(json::object_or_empty(rows.front(), "details"), "untold"),
                UnorderedElementsAreArray(client_ids));
    EXPECT_EQ(detail_of(rows.front(), "initiated_by"), "rp-logout");
  }
};
INSTANTIATE_TEST_SUITE_P(Destinations, NotTopLevel, ::testing::Values("image", "iframe", "empty"));

TEST_P(NotTopLevel, a_sign_out_ends_the_session_and_leads_through_nobody) {
  const auto cookie = browser.cookies().at("auth0");
  leave_window();
  EXPECT_EQ(browser.open(s.v2_logout()).url, kAfterLogout);
  auto again = s.h.browser();
  again.plant("auth0", cookie);
  EXPECT_EQ(s.h.sid_in(again), "");
  expect_told_by_the_log({a.client.client_id, b.client.client_id});
  browser.extra = window;
  EXPECT_EQ(browser.open(s.v2_logout()).url, kAfterLogout) << "nobody is left to lead to";
}

TEST_P(NotTopLevel, a_service_provider_is_answered_and_the_others_are_named_in_the_log) {
  leave_window();
  const auto page = browser.open(s.logout_link(a));
  ASSERT_TRUE(s.is_at(page, a)) << page.url << page.response.body;
  const auto answer = s.read_response(page);
  EXPECT_EQ(answer.status.code, status::kSuccess);
  EXPECT_EQ(answer.status.sub_code, status::kPartialLogout);
  expect_told_by_the_log({b.client.client_id});
}

TEST_P(NotTopLevel, nobody_takes_over_a_sign_out_that_is_under_way_or_leads_it_on) {
  const auto asked = browser.open(s.logout_link(a));
  ASSERT_TRUE(s.is_at(asked, b));
  leave_window();
  EXPECT_EQ(browser.open(s.v2_logout()).url, kAfterLogout);
  EXPECT_EQ(browser.open("/u/logout?state=" + s.read_request(asked).relay_state).status, 204);
  EXPECT_EQ(s.answer(browser, b, asked).status, 400);
  browser.extra = window;
  const auto page = s.answer(browser, b, asked);
  ASSERT_TRUE(s.is_at(page, a)) << page.url << page.response.body;
  EXPECT_EQ(s.read_response(page).status.sub_code, "");
}

// --- Who is told. ---

TEST_F(Begin, by_ws_federation_of_an_application_that_is_signed_in_by_saml_tells_it_by_saml) {
  world.managed(Method::patch, "clients/" + a.client.client_id, json::object{{"addons", {{"wsfed", json::object{}}}}});
  auto page = browser.open("/wsfed/" + a.client.client_id + "?wa=wsignout1.0");
  std::set<std::string> told;
  for (int k = 0; k < 2; ++k) {
    const auto& party = s.is_at(page, a) ? a : b;
    told.insert(party.client.client_id);
    page = s.answer(browser, party, page);
  }
  EXPECT_THAT(told, SizeIs(2));
  EXPECT_THAT(page.response.body, HasSubstr("You are signed out"));
}

// --- What a request that was cut short has done. ---

// Refuses every commit but the first few.
struct StoppingFault final : sql::WriteFault {
  std::atomic<int> passing = 1'000'000;
  void before_commit() override {
    if (passing-- <= 0) throw std::runtime_error("stopped");
  }
};

TEST(BeginCutShort, leaves_nothing_so_the_same_request_may_come_again) {
  bool came_through = false;
  for (int passing = 0; !came_through; ++passing) {
    SCOPED_TRACE(passing);
    ASSERT_LT(passing, 6);
    StoppingFault fault;
    SamlLogout s{{.world = {.fault = &fault}}};
    auto a = s.add("a"), b = s.add("b");
    auto browser = s.h.browser();
    for (auto* party : {&a, &b}) s.sign_in(browser, *party);
    const auto link = s.logout_link(a);
    fault.passing = passing;
    const auto cut = browser.open(link);
    fault.passing = 1'000'000;
    came_through = cut.left;
    // What was lost behind the decision has ended the session.
    if (came_through || !browser.cookies().contains("auth0")) continue;
    const auto page = browser.open(link);
    EXPECT_TRUE(s.is_at(page, b)) << page.url << page.response.body;
  }
}

TEST_F(Begin, on_a_node_that_has_not_heard_of_a_setting_yet_follows_it_all_the_same) {
  const auto set = [&](bool slo_enabled) {
    world.managed(Method::patch, "clients/" + b.client.client_id,
                  json::object{{"addons", {{"samlp", {{"logout", {{"callback", b.callback}, {"slo_enabled", slo_enabled}}}}}}}});
  };
  for (const auto& path : {s.v2_logout(), std::string("/oidc/logout?client_id=") + s.h.web.client_id}) {
    set(false);
    auto& late = world.add_node();
    late.product().tenants().snapshot(world.tenant())->client(b.client.client_id);  // remembered
    set(true);
    Browser there(late);
    for (const auto& [name, value] : browser.cookies()) there.plant(name, value);
    auto page = there.open(path);
    if (!page.form_action().empty())
      page = there.submit(page, parameters({{"client_id", s.h.web.client_id}, {"csrf", page.field("csrf")}}));
    std::set<std::string> told;
    for (int k = 0; k < 2 && page.left; ++k) {
      const auto& party = s.is_at(page, a) ? a : b;
      told.insert(party.client.client_id);
      page = s.answer(there, party, page);
    }
    EXPECT_TRUE(told.contains(b.client.client_id)) << path;
    for (auto* party : {&a, &b}) s.sign_in(browser, *party);
  }
}

// --- Sessions that are over. ---

TEST_F(Begin, of_a_session_that_ended_without_its_browser_is_answered_as_partial) {
  world.managed(Method::delete_, "sessions/" + s.h.sid_in(browser));
  world.tell_relying_parties();
  const auto page = browser.open(s.logout_link(a));
  ASSERT_TRUE(s.is_at(page, a)) << page.url << page.response.body;
  const auto answer = s.read_response(page);
  EXPECT_EQ(answer.status.code, status::kSuccess);
  EXPECT_EQ(answer.status.sub_code, status::kPartialLogout);
}

TEST_F(Begin, of_a_session_that_ended_before_is_answered_without_reserve_where_nobody_else_took_part) {
  auto other = s.h.browser();
  auto alone = a;
  s.sign_in(other, alone);
  world.managed(Method::delete_, "sessions/" + s.h.sid_in(other));
  world.tell_relying_parties();
  EXPECT_EQ(s.read_response(other.open(s.logout_link(alone))).status.sub_code, "");
}

TEST_F(Begin, of_a_session_that_has_expired_leads_through_its_service_providers) {
  world.clock.advance(24h * 30);
  auto page = browser.open(s.v2_logout());
  for (int k = 0; k < 2; ++k) {
    ASSERT_TRUE(page.left && page.url != kAfterLogout) << page.url;
    page = s.answer(browser, s.is_at(page, a) ? a : b, page);
  }
  EXPECT_EQ(page.url, kAfterLogout);
  EXPECT_THAT(world.logs("type:slo"), IsEmpty()) << "nothing was left to end";
  EXPECT_EQ(browser.open(s.v2_logout()).url, kAfterLogout);
}

TEST_F(Begin, by_a_service_provider_of_a_session_that_has_expired_tells_the_others) {
  world.clock.advance(24h * 30);
  auto page = browser.open(s.logout_link(a));
  ASSERT_TRUE(s.is_at(page, b)) << page.url << page.response.body;
  page = s.answer(browser, b, page);
  ASSERT_TRUE(s.is_at(page, a));
  EXPECT_EQ(s.read_response(page).status.sub_code, "");
}

TEST_F(Begin, with_a_forged_cookie_of_an_expired_session_tells_nobody) {
  world.clock.advance(24h * 30);
  auto forged = browser.cookies().at("auth0");
  forged.back() = forged.back() == 'A' ? 'Q' : 'A';
  auto other = s.h.browser();
  other.plant("auth0", forged);
  EXPECT_EQ(other.open(s.v2_logout()).url, kAfterLogout);
  EXPECT_NE(browser.open(s.v2_logout()).url, kAfterLogout) << "nobody was claimed";
}

// --- What the log says. ---

TEST_F(Begin, that_fails_is_logged_with_whoever_asked_for_it) {
  EXPECT_EQ(browser.open("/samlp/nobody/logout?SAMLRequest=x").status, 404);
  auto row = world.logs("type:flo").at(0);
  EXPECT_THAT(text_of(row, "description"), HasSubstr("Unknown client: nobody"));
  EXPECT_EQ(detail_of(row, "protocol"), "samlp");
  EXPECT_EQ(detail_of(row, "initiated_by"), "sp");
  EXPECT_EQ(browser.open("/samlp/" + a.client.client_id + "/logout?SAMLResponse=x").status, 400);
  row = world.logs("type:flo").at(0);
  EXPECT_EQ(text_of(row, "client_id"), a.client.client_id);
  EXPECT_EQ(detail_of(row, "initiated_by"), "idp");
}

// --- A sign-out between a sign-in and its answer. ---

// Ends the session that is about to be answered.
struct EndsBefore final : interaction::ForeignProtocol {
  EndsBefore(World& w, interaction::ForeignProtocol& p) : world(w), protocol(p) {}
  bool admits(const store::Reader& r, const interaction::ForeignSignIn& s, const model::User& user) const override {
    return protocol.admits(r, s, user);
  }
  http::Response respond(const interaction::ForeignSignIn& s, const interaction::SignedIn& in) override {
    world.node().product().store().write(world.tenant(), [&](const store::Writer& w) {
      return store::sessions::revoke(w, in.session.session_id, world.clock.now());
    });
    return protocol.respond(s, in);
  }
  http::Response refuse(const interaction::ForeignSignIn& s, const base::Error& error) override {
    return protocol.refuse(s, error);
  }
  World& world;
  interaction::ForeignProtocol& protocol;
};

void expect_row_of_an_ended_session(Handoff& h, const std::string& protocol) {
  const auto row = h.only_row("f");
  EXPECT_THAT(text_of(row, "description"), HasSubstr("ended while it was being answered"));
  EXPECT_EQ(detail_of(row, "protocol"), protocol);
  EXPECT_EQ(text_of(row, "user_id"), h.ada.user_id);
  EXPECT_THAT(h.world.logs("type:flo"), IsEmpty()) << "nobody has to be told";
}

TEST(BeginBeforeAnAnswer, of_saml_refuses_it_and_says_so_in_the_log) {
  SamlLogout s;
  auto& product = s.world.node().product();
  SeededRandom random;
  assertions::KeyRing keys;
  saml_idp::SamlProtocol saml({.tenants = product.tenants(),
                               .clock = s.world.clock,
                               .random = random,
                               .failures = product.failures(),
                               .flow = product.oauth().authorization_flow(),
                               .keys = keys});
  EndsBefore ending(s.world, saml);
  product.oauth().speak("samlp", ending);
  auto browser = s.h.browser();
  const auto page = browser.submit_login(browser.open(s.f.redirect()), s.h.ada);
  EXPECT_EQ(SamlFlow::read(page).status(), status::kResponder) << "not its request is at fault";
  s.world.tell_relying_parties();
  expect_row_of_an_ended_session(s.h, "samlp");
}

TEST(BeginBeforeAnAnswer, of_ws_federation_refuses_it_and_says_so_in_the_log) {
  WsfedFlow f;
  auto& product = f.h.world.node().product();
  SeededRandom random;
  assertions::KeyRing keys;
  wsfed_idp::WsFederation wsfed({.tenants = product.tenants(),
                                 .clock = f.h.world.clock,
                                 .random = random,
                                 .failures = product.failures(),
                                 .flow = product.oauth().authorization_flow(),
                                 .sign_out = product.oauth().sign_out(),
                                 .keys = keys});
  EndsBefore ending(f.h.world, wsfed);
  product.oauth().speak("wsfed", ending);
  EXPECT_EQ(f.sign_in().fault(), "t:RequestFailed");
  f.h.world.tell_relying_parties();
  expect_row_of_an_ended_session(f.h, "wsfed");
}

// --- Two sessions in one browser: another site below the same parent domain can plant a cookie beside ours. ---

struct BeginOfTwo : Begin {
  Browser other = s.h.browser(), both = s.h.browser();
  Party elsewhere = a;

  void SetUp() override {
    Begin::SetUp();
    s.sign_in(other, elsewhere);
    both.plant("auth0", browser.cookies().at("auth0"));
    both.plant("auth0_compat", other.cookies().at("auth0"));
  }
};

TEST_F(BeginOfTwo, asks_the_person_though_the_request_is_signed_where_it_names_one_of_them) {
  const auto page = both.open(s.logout_link(a));
  ASSERT_EQ(page.form_action(), "/samlp/" + a.client.client_id + "/logout/confirm") << page.url;
  EXPECT_TRUE(s.is_live(browser));
  EXPECT_TRUE(s.is_live(other));
  both.submit(page, parameters({{"request_id", "_l1"}, {"relay_state", "their state"}, {"csrf", page.field("csrf")}}));
  EXPECT_FALSE(s.is_live(browser));
  EXPECT_FALSE(s.is_live(other));
}

TEST_F(BeginOfTwo, locks_them_in_one_order_whatever_order_the_cookies_have) {
  const auto order = [&](const Browser& first, const Browser& second) {
    auto request = request_for(Method::get, "/");
    request.headers.set("cookie", "auth0=" + first.cookies().at("auth0") + "; auth0=" + second.cookies().at("auth0"));
    auto& product = world.node().product();
    const auto cookies = sessions::presented_sessions(product.tenants().snapshot(world.tenant())->keys(), request);
    return product.store().write(world.tenant(), [&](const store::Writer& w) {
      std::vector<std::string> sids;
      for (const auto& session : sessions::lock_live_sessions(w, cookies, world.clock.now())) sids.push_back(session.sid);
      return sids;
    });
  };
  EXPECT_THAT(order(browser, other), SizeIs(2));
  EXPECT_EQ(order(browser, other), order(other, browser)) << "or two sign-outs at once wait for each other";
}

TEST_F(BeginOfTwo, ends_both_at_once_where_the_request_names_both) {
  both.open(s.logout_link(a, {.index = "-"}));
  EXPECT_FALSE(s.is_live(browser));
  EXPECT_FALSE(s.is_live(other));
}

TEST_F(Begin, of_another_persons_session_by_a_service_provider_without_a_callback_ends_at_a_page) {
  world.managed(Method::patch, "clients/" + a.client.client_id, json::object{{"addons", {{"samlp", {{"logout", nullptr}}}}}});
  const auto page = browser.open(s.logout_link(a, {.index = "x"}));
  EXPECT_EQ(page.status, 400);
  EXPECT_FALSE(page.left) << page.url;
  EXPECT_THAT(page.response.body, HasSubstr("names no session of this browser"));
  EXPECT_THAT(text_of(world.logs("type:flo").at(0), "description"), HasSubstr("names no session of this browser"));
  EXPECT_TRUE(s.is_live(browser));
}

}  // namespace
}  // namespace segue::test
