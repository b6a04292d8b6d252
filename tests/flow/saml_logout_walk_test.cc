// A browser's way through the service providers of single logout (docs/decisions/0041): what each of them can do with what it was
// sent, what happens again when an answer of ours is lost, and who is named in the log when somebody was not told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "saml_logout_flow.h"

namespace segue::test {
namespace {
using namespace std::chrono_literals;

namespace status = saml_messages::status;
using http::Method;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr const char* kRealm = "https://rp.example/signin";

struct Walk : ::testing::Test {
  SamlLogout s;
  World& world = s.world;
  Party a = s.add("a"), b = s.add("b"), c = s.add("c");
  Browser browser = s.h.browser();

  // Parties are asked in the order of their client_id.
  void SetUp() override {
    if (b.client.client_id < a.client.client_id) std::swap(a, b);
    if (c.client.client_id < a.client.client_id) std::swap(a, c);
    if (c.client.client_id < b.client.client_id) std::swap(b, c);
  }
  void sign_in_at(const std::vector<Party*>& parties) {
    for (auto* party : parties) s.sign_in(browser, *party);
  }
  std::string id_in(const Page& page) { return s.read_request(page).request.header.id; }
  std::string way_on(const Page& page) { return "/u/logout?state=" + s.read_request(page).relay_state; }
  // Log rows that say who was not told.
  std::vector<json::object> untold_rows() {
    auto rows = world.logs("type:flo");
    std::erase_if(rows, [](const auto& row) { return text_of(row, "description").find("Not told: ") == std::string::npos; });
    return rows;
  }
  void expire() {
    world.clock.advance(10min);
    world.tell_relying_parties();
  }
  Page patch_addon(const Party& party, bool takes_part) {
    world.managed(
        Method::patch, "clients/" + party.client.client_id,
        json::object{{"addons", {{"samlp", {{"logout", {{"callback", party.callback}, {"slo_enabled", takes_part}}}}}}}});
    return {};
  }
};

// --- What a service provider can do with its RelayState ---

TEST_F(Walk, does_not_go_on_by_what_a_service_provider_was_sent_once_that_has_answered) {
  sign_in_at({&a, &b, &c});
  const auto at_a = browser.open(s.v2_logout());
  const auto at_b = s.answer(browser, a, at_a);
  ASSERT_TRUE(s.is_at(at_b, b));
  EXPECT_NE(s.read_request(at_a).relay_state, s.read_request(at_b).relay_state);
  // Links that `a` puts on its page.
  for (int k = 0; k < 3; ++k) {
    const auto again = browser.open(way_on(at_a));
    ASSERT_TRUE(s.is_at(again, b)) << "nobody is passed over";
    EXPECT_EQ(id_in(again), id_in(at_b));
    EXPECT_EQ(s.read_request(again).relay_state, s.read_request(at_b).relay_state);
  }
  const auto forged = s.answer_link(b, at_b, {.relay_state = s.read_request(at_a).relay_state, .key = nullptr});
  EXPECT_EQ(browser.open(forged).status, 400);
  const auto at_c = s.answer(browser, b, at_b);
  ASSERT_TRUE(s.is_at(at_c, c)) << "still waited for";
  EXPECT_THAT(browser.open(way_on(at_a)).response.body, HasSubstr("no sign-out that was begun in this browser"));
  EXPECT_EQ(s.answer(browser, c, at_c).url, kAfterLogout);
  EXPECT_THAT(world.logs("type:flo"), IsEmpty());
  EXPECT_THAT(untold_rows(), IsEmpty());
}

// --- What is lost on the way ---

TEST_F(Walk, asks_the_same_again_when_its_request_is_lost_and_then_the_next_one) {
  sign_in_at({&a, &b});
  const auto at_a = browser.open(s.v2_logout());
  const auto again = browser.open(way_on(at_a));
  ASSERT_TRUE(s.is_at(again, a));
  EXPECT_EQ(id_in(again), id_in(at_a));
  const auto at_b = browser.open(way_on(at_a));
  ASSERT_TRUE(s.is_at(at_b, b));
  EXPECT_TRUE(s.is_at(browser.open(way_on(at_b)), b)) << "each is asked twice at most";
  EXPECT_EQ(browser.open(way_on(at_b)).url, kAfterLogout);
  ASSERT_THAT(untold_rows(), SizeIs(1));
}

TEST_F(Walk, takes_the_answer_to_a_request_that_was_sent_twice) {
  sign_in_at({&a, &b});
  const auto at_a = browser.open(s.v2_logout());
  const auto again = browser.open(way_on(at_a));
  const auto at_b = s.answer(browser, a, again);
  ASSERT_TRUE(s.is_at(at_b, b));
  EXPECT_EQ(s.answer(browser, b, at_b).url, kAfterLogout);
  EXPECT_THAT(untold_rows(), IsEmpty());
}

TEST_F(Walk, leads_on_from_an_answer_that_comes_twice) {
  sign_in_at({&a, &b});
  const auto at_a = browser.open(s.v2_logout());
  const auto link = s.answer_link(a, at_a);
  const auto at_b = browser.open(link);
  const auto twice = browser.open(link);
  EXPECT_EQ(twice.status, 400);
  EXPECT_THAT(twice.response.body, HasSubstr(way_on(at_a)));
  const auto again = browser.open(way_on(at_a));
  ASSERT_TRUE(s.is_at(again, b));
  EXPECT_EQ(id_in(again), id_in(at_b));
}

TEST_F(Walk, gives_the_answer_to_whoever_began_it_again) {
  sign_in_at({&a, &b});
  const auto at_b = browser.open(s.logout_link(a));
  ASSERT_TRUE(s.is_at(at_b, b));
  const auto link = s.answer_link(b, at_b, {.status = std::string(status::kResponder)});
  for (const auto& url : {link, link, way_on(at_b)}) {
    const auto end = browser.open(url);
    ASSERT_TRUE(s.is_at(end, a)) << end.response.body;
    const auto answer = s.read_response(end);
    EXPECT_EQ(answer.in_response_to, "_l1");
    EXPECT_EQ(answer.status.code, status::kSuccess);
    EXPECT_EQ(answer.status.sub_code, status::kPartialLogout);
  }
  auto elsewhere = s.h.browser();
  EXPECT_EQ(elsewhere.open(link).status, 400) << "in another browser";
  EXPECT_THAT(untold_rows(), SizeIs(1));
  world.clock.advance(10min);
  EXPECT_FALSE(browser.open(way_on(at_b)).left);
}

TEST_F(Walk, is_taken_up_by_a_browser_that_never_got_its_cookie) {
  sign_in_at({&a, &b, &c});
  // The answer of the first attempt is lost.
  Browser lost(
      [&](http::Request request) {
        return request.path == "/v2/logout" ? (world.node().send(std::move(request)), http::empty_response(0)) : http::Response{};
      },
      kDomain);
  for (const auto& [name, value] : browser.cookies()) lost.plant(name, value);
  EXPECT_EQ(lost.open(s.v2_logout()).status, 0);
  ASSERT_FALSE(browser.cookies().contains("__Host-segue_logout"));
  auto page = browser.open(s.v2_logout());
  for (auto* party : {&a, &b, &c}) {
    ASSERT_TRUE(s.is_at(page, *party)) << page.url;
    page = s.answer(browser, *party, page);
  }
  EXPECT_EQ(page.url, kAfterLogout);
  EXPECT_THAT(untold_rows(), IsEmpty());
}

TEST_F(Walk, is_not_taken_up_once_a_browser_goes_through_it) {
  sign_in_at({&a, &b});
  auto other = browser;  // with the same session
  const auto at_a = browser.open(s.v2_logout());
  EXPECT_EQ(other.open(s.v2_logout()).url, kAfterLogout);
  EXPECT_TRUE(s.is_at(s.answer(browser, a, at_a), b));
}

TEST_F(Walk, is_not_taken_up_by_whoever_presents_another_session_or_one_of_two) {
  auto attacker = s.h.browser();
  auto theirs = a;
  s.sign_in(attacker, theirs, world.create_user("grace@example.com"));
  sign_in_at({&b});
  // Planted from a site beside this one.
  browser.plant("auth0_compat", attacker.cookies().at("auth0"));
  auto page = browser.open(s.v2_logout());
  auto &first = s.is_at(page, a) ? a : b, &second = s.is_at(page, a) ? b : a;
  EXPECT_EQ(attacker.open(s.v2_logout()).url, kAfterLogout);
  page = s.answer(browser, first, page);
  ASSERT_TRUE(s.is_at(page, second)) << page.url;
  EXPECT_EQ(s.answer(browser, second, page).url, kAfterLogout);
}

TEST_F(Walk, leads_to_the_applications_address_again_from_the_last_answer) {
  sign_in_at({&a});
  const auto link = s.answer_link(a, browser.open(s.v2_logout()));
  for (int k = 0; k < 2; ++k) EXPECT_EQ(browser.open(link).url, kAfterLogout);
}

TEST_F(Walk, names_whoever_began_it_when_nobody_can_answer_them_any_more) {
  sign_in_at({&a, &b});
  const auto at_b = browser.open(s.logout_link(a));
  world.managed(Method::delete_, "clients/" + a.client.client_id);
  const auto end = s.answer(browser, b, at_b);
  EXPECT_THAT(end.response.body, HasSubstr("You are signed out"));
  const auto rows = untold_rows();
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_THAT(text_of(rows.front(), "description"), HasSubstr("Not told: " + a.client.client_id + "."));
}

TEST_F(Walk, names_whoever_began_it_when_it_expires) {
  sign_in_at({&a, &b});
  browser.open(s.logout_link(a));
  expire();
  const auto rows = untold_rows();
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_THAT(text_of(rows.front(), "description"), AllOf(HasSubstr(a.client.client_id), HasSubstr(b.client.client_id)));
}

TEST_F(Walk, names_whoever_began_it_when_the_next_one_takes_it_over) {
  sign_in_at({&a, &b, &c});
  const auto first = browser.open(s.logout_link(a));
  ASSERT_TRUE(s.is_at(first, b));
  const auto at_c = browser.open(s.v2_logout());
  ASSERT_TRUE(s.is_at(at_c, c));
  EXPECT_EQ(s.answer(browser, c, at_c).url, kAfterLogout);
  const auto rows = untold_rows();
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_THAT(text_of(rows.front(), "description"), AllOf(HasSubstr(a.client.client_id), HasSubstr(b.client.client_id)));
  const auto late = s.answer(browser, b, first);
  EXPECT_FALSE(late.left);
  EXPECT_THAT(late.response.body, HasSubstr("You are signed out"));
}

TEST_F(Walk, does_not_name_whoever_began_it_and_has_no_address_for_an_answer) {
  world.managed(Method::patch, "clients/" + a.client.client_id,
                json::object{{"addons", {{"samlp", {{"logout", {{"callback", nullptr}, {"slo_enabled", false}}}}}}}});
  for (const bool expires : {false, true}) {
    sign_in_at({&a, &b});
    const auto at_b = browser.open(s.logout_link(a, {.id = expires ? "_l2" : "_l1"}));
    ASSERT_TRUE(s.is_at(at_b, b)) << at_b.url << at_b.response.body;
    if (expires) {
      expire();
    } else {
      EXPECT_THAT(s.answer(browser, b, at_b).response.body, HasSubstr("You are signed out"));
      EXPECT_THAT(untold_rows(), IsEmpty());
    }
  }
  const auto rows = untold_rows();
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_THAT(text_of(rows.front(), "description"), HasSubstr("Not told: " + b.client.client_id + "."));
}

// --- Who is asked, and who is named ---

TEST_F(Walk, names_the_only_one_that_did_not_answer_at_the_next_sign_out) {
  sign_in_at({&a});
  EXPECT_TRUE(s.is_at(browser.open(s.v2_logout()), a));
  EXPECT_EQ(browser.open(s.v2_logout()).url, kAfterLogout);
  const auto rows = untold_rows();
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_THAT(text_of(rows.front(), "description"),
              HasSubstr("A service provider did not answer. Not told: " + a.client.client_id + "."));
  EXPECT_EQ(text_of(rows.front(), "user_id"), s.h.ada.user_id);
  EXPECT_EQ(detail_of(rows.front(), "protocol"), "samlp");
  expire();
  EXPECT_THAT(untold_rows(), SizeIs(1));
}

TEST_F(Walk, names_one_that_leaves_single_logout_before_its_turn) {
  sign_in_at({&a, &b});
  const auto at_a = browser.open(s.v2_logout());
  patch_addon(b, false);
  EXPECT_EQ(s.answer(browser, a, at_a).url, kAfterLogout);
  const auto rows = untold_rows();
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_THAT(text_of(rows.front(), "description"), HasSubstr("Not told: " + b.client.client_id + "."));
}

TEST_F(Walk, asks_about_everybody_who_is_signed_in_beside) {
  auto other = s.h.browser();
  auto grace = a;
  s.sign_in(other, grace, world.create_user("grace@example.com"));
  sign_in_at({&a});
  browser.plant("auth0_compat", other.cookies().at("auth0"));
  std::set<std::string> told;
  auto page = browser.open(s.v2_logout());
  for (int k = 0; k < 2; ++k) {
    ASSERT_TRUE(s.is_at(page, a)) << page.url;
    told.insert(s.read_request(page).request.name_id.value);
    page = s.answer(browser, a, page);
  }
  EXPECT_EQ(told, (std::set{a.name_id, grace.name_id}));
  EXPECT_EQ(page.url, kAfterLogout);
}

TEST_F(Walk, asks_once_about_one_person_in_two_sessions) {
  auto other = s.h.browser();
  s.sign_in(other, a);
  sign_in_at({&a});
  browser.plant("auth0_compat", other.cookies().at("auth0"));
  const auto page = browser.open(s.v2_logout());
  ASSERT_TRUE(s.is_at(page, a));
  EXPECT_EQ(s.answer(browser, a, page).url, kAfterLogout);
}

// --- Answers ---

TEST_F(Walk, goes_on_by_no_answer_that_names_no_request) {
  sign_in_at({&a});
  const auto at_a = browser.open(s.v2_logout());
  const auto page = s.answer(browser, a, at_a, {.in_response_to = "-"});
  EXPECT_EQ(page.status, 400);
  EXPECT_THAT(page.response.body, HasSubstr("to another request"));
  EXPECT_EQ(s.answer(browser, a, at_a).url, kAfterLogout);
  EXPECT_THAT(untold_rows(), IsEmpty());
}

TEST_F(Walk, counts_an_answer_for_somebody_else_or_of_another_time_as_a_failure_once) {
  const auto now = world.clock.now();
  const LogoutAnswerText bad[] = {{.destination = s.url_of(b, "/logout")}, {.issued = now - 9min}, {.issued = now + 4min}};
  for (const auto& answer : bad) {
    auto mine = s.h.browser();
    s.sign_in(mine, a);
    const auto link = s.answer_link(a, mine.open(s.v2_logout()), answer);
    EXPECT_EQ(mine.open(link).url, kAfterLogout) << "nobody is held up";
    mine.open(link);
  }
  EXPECT_THAT(untold_rows(), SizeIs(3));
  EXPECT_THAT(world.logs("type:flo"), SizeIs(6)) << "what was wrong, and who was not told";
}

// --- WS-Federation ---

struct WalkOfImages : Walk {
  void SetUp() override {
    Walk::SetUp();
    world.managed(Method::patch, "clients/" + s.h.web.client_id,
                  json::object{{"callbacks", json::array{kConsumer, kWebCallback, kRealm}},
                               {"client_aliases", json::array{"urn:rp"}},
                               {"addons", {{"wsfed", json::object{}}}}});
    sign_in_at({&a});
    browser.open(std::string("https://") + kDomain + "/wsfed/" + s.h.web.client_id +
                 "?wa=wsignin1.0&wtrealm=urn:rp&wreply=" + base::percent_encode(kRealm));
  }
  static int images_in(const Page& page) {
    int out = 0;
    const std::string image = std::string("src=\"") + kRealm + "?wa=wsignoutcleanup1.0\"";
    for (auto at = page.response.body.find(image); at != std::string::npos; at = page.response.body.find(image, at + 1)) ++out;
    return out;
  }
  static std::string link_in(const Page& page) {
    const auto from = page.response.body.find("/u/logout");
    return page.response.body.substr(from, page.response.body.find('"', from) - from);
  }
};

TEST_F(WalkOfImages, shows_them_before_anybody_is_asked_who_may_keep_the_browser) {
  auto page = browser.open(s.v2_logout());
  EXPECT_EQ(images_in(page), 1);
  page = browser.open(link_in(page));
  ASSERT_TRUE(s.is_at(page, a));
  EXPECT_EQ(s.answer(browser, a, page).url, kAfterLogout);
  EXPECT_THAT(world.logs("type:flo"), IsEmpty());
}

TEST_F(WalkOfImages, shows_them_again_while_nobody_went_on_from_their_page) {
  const auto page = browser.open(s.v2_logout());
  ASSERT_FALSE(page.url.empty());
  // The page was lost: its address is opened again.
  const auto again = browser.open(page.url);
  EXPECT_EQ(images_in(again), 1);
  EXPECT_EQ(link_in(again), link_in(page));
  EXPECT_TRUE(s.is_at(browser.open(link_in(page)), a));
  EXPECT_TRUE(s.is_at(browser.open(link_in(page)), a)) << "pressed twice";
}

TEST_F(WalkOfImages, names_them_in_the_log_when_the_browser_never_comes_back) {
  browser.open(s.v2_logout());
  expire();
  const auto rows = untold_rows();
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_THAT(text_of(rows.front(), "description"), AllOf(HasSubstr(a.client.client_id), HasSubstr(s.h.web.client_id)));
  EXPECT_EQ(detail_of(rows.front(), "protocol"), "samlp");
}

TEST_F(WalkOfImages, names_them_alone_where_nobody_of_saml_is_left) {
  auto mine = s.h.browser();
  const auto login = mine.open(std::string("https://") + kDomain + "/wsfed/" + s.h.web.client_id +
                               "?wa=wsignin1.0&wtrealm=urn:rp&wreply=" + base::percent_encode(kRealm));
  mine.submit_login(login, s.h.ada);
  EXPECT_EQ(images_in(mine.open(s.v2_logout())), 1);
  expire();
  const auto rows = untold_rows();
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_THAT(text_of(rows.front(), "description"), HasSubstr("Not told: " + s.h.web.client_id + "."));
  EXPECT_EQ(detail_of(rows.front(), "protocol"), "wsfed");
}

TEST_F(WalkOfImages, names_them_as_of_ws_federation_when_the_session_ends_without_its_browser) {
  auto mine = s.h.browser();
  const auto login = mine.open(std::string("https://") + kDomain + "/wsfed/" + s.h.web.client_id +
                               "?wa=wsignin1.0&wtrealm=urn:rp&wreply=" + base::percent_encode(kRealm));
  mine.submit_login(login, s.h.ada);
  world.managed(Method::delete_, "sessions/" + s.h.sid_in(mine));
  world.tell_relying_parties();
  const auto rows = untold_rows();
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_EQ(detail_of(rows.front(), "protocol"), "wsfed");
}

TEST_F(WalkOfImages, shows_each_once_when_the_next_sign_out_takes_them_over) {
  browser.open(s.v2_logout());
  browser.open(std::string("https://") + kDomain + "/wsfed/" + s.h.web.client_id +
               "?wa=wsignin1.0&wtrealm=urn:rp&wreply=" + base::percent_encode(kRealm));
  const auto login = browser.open(std::string("https://") + kDomain + "/wsfed/" + s.h.web.client_id +
                                  "?wa=wsignin1.0&wtrealm=urn:rp&wreply=" + base::percent_encode(kRealm));
  ASSERT_TRUE(login.is_login_page());
  browser.submit_login(login, s.h.ada);
  const auto page = browser.open(s.v2_logout());
  EXPECT_EQ(images_in(page), 1);
  EXPECT_TRUE(s.is_at(browser.open(link_in(page)), a)) << "left of the first";
  EXPECT_THAT(untold_rows(), IsEmpty());
}

}  // namespace
}  // namespace segue::test
