// Single logout with service providers of SAML 2.0 (contract §5.3, §5.8; docs/decisions/0041): who is told, in which order, and
// how it ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "saml_logout_flow.h"
#include "store/session_clients.h"

namespace segue::test {
namespace {
using namespace std::chrono_literals;

namespace status = saml_messages::status;
using http::Method;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

struct Three : ::testing::Test {
  SamlLogout s;
  World& world = s.world;
  Party a = s.add("a"), b = s.add("b"), c = s.add("c");
  Browser browser = s.h.browser();
  std::string cookie;

  void SetUp() override {
    for (auto* party : {&a, &b, &c}) s.sign_in(browser, *party);
    cookie = browser.cookies().at("auth0");
  }
  // The sessions's cookie is gone by then.
  bool is_signed_in() {
    auto again = s.h.browser();
    again.plant("auth0", cookie);
    return !s.h.sid_in(again).empty();
  }
  // Parties are asked in the order of their client_id.
  Party& asked(const Page& page) {
    for (auto* party : {&a, &b, &c}) {
      if (s.is_at(page, *party)) return *party;
    }
    throw std::runtime_error("nobody is asked: " + page.url + " " + page.response.body);
  }
  // Log rows that say who was not told.
  std::vector<json::object> untold_rows() {
    auto rows = world.logs("type:flo");
    std::erase_if(rows, [](const auto& row) { return text_of(row, "description").find("Not told: ") == std::string::npos; });
    return rows;
  }
};

TEST_F(Three, are_told_one_after_another_before_the_browser_goes_where_the_application_said) {
  auto page = browser.open(s.v2_logout());
  EXPECT_FALSE(is_signed_in()) << "the session ends first";
  std::set<std::string> told;
  for (int k = 0; k < 3; ++k) {
    auto& party = asked(page);
    const auto sent = s.read_request(page);
    EXPECT_EQ(sent.request.header.destination, party.callback);
    EXPECT_EQ(sent.request.name_id.value, s.h.ada.user_id);
    EXPECT_EQ(sent.request.session_indexes, std::vector<std::string>{party.session_index});
    EXPECT_EQ(sent.request.header.issuer, std::string("urn:") + kDomain);
    EXPECT_LE(sent.relay_state.size(), 80u) << "SAML bindings §3.4.3";
    EXPECT_TRUE(told.insert(party.client.client_id).second);
    page = s.answer(browser, party, page);
  }
  EXPECT_EQ(page.url, kAfterLogout);
  EXPECT_EQ(s.h.only_row("slo").at("user_id").as_string(), s.h.ada.user_id.c_str());
  EXPECT_THAT(world.logs("type:flo"), IsEmpty());
}

TEST_F(Three, have_a_name_of_their_own_for_the_session_each) {
  EXPECT_NE(a.session_index, b.session_index);
  EXPECT_NE(b.session_index, c.session_index);
}

TEST_F(Three, are_told_after_a_logout_by_openid_connect_too) {
  auto page = browser.open("/oidc/logout?client_id=" + s.h.web.client_id +
                           "&state=x%20y&post_logout_redirect_uri=" + base::percent_encode(kAfterLogout));
  // Nobody showed that they know the session.
  ASSERT_EQ(page.form_action(), "/oidc/logout/confirm");
  EXPECT_THAT(std::string(page.response.headers.find("content-security-policy").value_or("")),
              HasSubstr("form-action 'self' https://app.example https: http:"));
  page = browser.submit(page, parameters({{"client_id", s.h.web.client_id},
                                          {"post_logout_redirect_uri", kAfterLogout},
                                          {"state", "x y"},
                                          {"csrf", page.field("csrf")}}));
  for (int k = 0; k < 3; ++k) page = s.answer(browser, asked(page), page);
  EXPECT_EQ(page.url, std::string(kAfterLogout) + "?state=x%20y");
}

TEST_F(Three, are_told_when_one_of_them_begins_which_gets_an_answer) {
  auto page = browser.open(s.logout_link(b));
  EXPECT_FALSE(is_signed_in());
  for (int k = 0; k < 2; ++k) {
    auto& party = asked(page);
    EXPECT_NE(party.client.client_id, b.client.client_id);
    page = s.answer(browser, party, page);
  }
  ASSERT_TRUE(s.is_at(page, b)) << page.url;
  std::string relay_state;
  const auto answer = s.read_response(page, &relay_state);
  EXPECT_EQ(answer.in_response_to, "_l1");
  EXPECT_EQ(answer.status.code, status::kSuccess);
  EXPECT_EQ(answer.status.sub_code, "");
  EXPECT_EQ(answer.header.destination, b.callback);
  EXPECT_EQ(relay_state, "their state");
  const auto row = s.h.only_row("slo");
  EXPECT_EQ(detail_of(row, "protocol"), "samlp");
  EXPECT_EQ(detail_of(row, "initiated_by"), "sp");
  EXPECT_EQ(detail_of(row, "return_to"), b.callback);
  EXPECT_EQ(text_of(row, "client_id"), b.client.client_id);
}

TEST_F(Three, may_begin_with_a_form_and_are_answered_with_one) {
  const auto message = s.logout_request(b, {});
  const auto xml = xml::sign(message.xml, message.signature_position, message.id, service_provider_key().key);
  http::Parameters form;
  form.add("SAMLRequest", saml_messages::post_value(xml));
  form.add("RelayState", "a <b> \"c\"");
  auto page = browser.post_from_elsewhere(s.url_of(b, "/logout"), form, "https://b.example");
  for (int k = 0; k < 2; ++k) page = s.answer(browser, asked(page), page);
  EXPECT_EQ(page.form_action(), b.callback);
  std::string relay_state;
  EXPECT_EQ(s.read_response(page, &relay_state).status.code, status::kSuccess);
  EXPECT_EQ(relay_state, "a <b> \"c\"");
}

TEST_F(Three, do_not_hold_one_another_up_when_one_says_that_it_failed) {
  auto page = browser.open(s.logout_link(a));
  const auto failing = asked(page);
  page = s.answer(browser, failing, page, {.status = std::string(status::kResponder)});
  page = s.answer(browser, asked(page), page);
  const auto answer = s.read_response(page);
  EXPECT_EQ(answer.status.code, status::kSuccess);
  EXPECT_EQ(answer.status.sub_code, status::kPartialLogout);
  const auto rows = untold_rows();
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_THAT(text_of(rows.front(), "description"), HasSubstr(failing.client.client_id));
}

TEST_F(Three, count_as_failed_when_their_answer_is_not_signed_by_their_key) {
  for (const auto* key : {static_cast<const xml::PrivateKey*>(nullptr), &other_key().key}) {
    auto mine = s.h.browser();
    for (auto* party : {&a, &b, &c}) s.sign_in(mine, *party);
    auto page = mine.open(s.v2_logout());
    for (int k = 0; k < 3; ++k)
      page = s.answer(mine, asked(page), page, k == 1 ? LogoutAnswerText{.key = key} : LogoutAnswerText{});
    EXPECT_EQ(page.url, kAfterLogout);
  }
  EXPECT_THAT(untold_rows(), SizeIs(2));
}

TEST_F(Three, are_told_without_one_that_never_answers_once_the_browser_is_back) {
  const auto stuck = browser.open(s.v2_logout());
  const auto silent = asked(stuck);
  // Signing out again goes on where the browser stood still.
  auto page = browser.open(s.v2_logout());
  for (int k = 0; k < 2; ++k) {
    EXPECT_NE(asked(page).client.client_id, silent.client.client_id);
    page = s.answer(browser, asked(page), page);
  }
  EXPECT_EQ(page.url, kAfterLogout);
  const auto rows = untold_rows();
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_THAT(text_of(rows.front(), "description"), HasSubstr(silent.client.client_id));
  // Its late answer changes nothing.
  const auto late = s.answer(browser, silent, stuck);
  EXPECT_EQ(late.status, 200);
  EXPECT_THAT(late.response.body, HasSubstr("You are signed out"));
  EXPECT_THAT(late.response.body, HasSubstr(kAfterLogout));
  EXPECT_THAT(untold_rows(), SizeIs(1));
}

TEST_F(Three, are_named_in_the_log_when_the_browser_never_comes_back) {
  browser.open(s.v2_logout());
  world.clock.advance(10min);
  world.tell_relying_parties();
  world.clock.advance(10s);
  world.tell_relying_parties();
  const auto rows = untold_rows();
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_THAT(text_of(rows.front(), "description"), HasSubstr("did not come back"));
  EXPECT_EQ(text_of(rows.front(), "user_id"), s.h.ada.user_id);
}

TEST_F(Three, are_named_in_the_log_when_the_session_ends_without_its_browser) {
  const auto sid = s.h.sid_in(browser);
  world.managed(Method::delete_, "sessions/" + sid);
  world.tell_relying_parties();
  world.tell_relying_parties();
  const auto rows = untold_rows();
  ASSERT_THAT(rows, SizeIs(1));
  for (const auto* party : {&a, &b, &c}) EXPECT_THAT(text_of(rows.front(), "description"), HasSubstr(party->client.client_id));
  EXPECT_EQ(detail_of(rows.front(), "initiated_by"), "session-revoked");
  // Nobody is left to lead a browser to.
  EXPECT_EQ(browser.open(s.v2_logout()).url, kAfterLogout);
}

TEST_F(Three, are_shown_as_clients_of_the_session) {
  const auto session = world.managed(Method::get, "sessions/" + s.h.sid_in(browser)).as_object();
  EXPECT_THAT(json::write(session), HasSubstr(a.client.client_id));
  EXPECT_THAT(json::write(session), HasSubstr(c.client.client_id));
}

TEST_F(Three, are_told_of_a_session_that_the_next_sign_in_replaced) {
  // prompt=login makes another session in the same browser.
  const auto login = s.h.open(browser, parameters({{"prompt", "login"}}));
  ASSERT_TRUE(login.is_login_page());
  browser.submit_login(login, s.h.ada);
  auto page = browser.open(s.v2_logout());
  for (int k = 0; k < 3; ++k) page = s.answer(browser, asked(page), page);
  EXPECT_EQ(page.url, kAfterLogout);
}

TEST_F(Three, are_left_out_when_they_want_no_single_logout) {
  world.managed(Method::patch, "clients/" + b.client.client_id,
                json::object{{"addons", {{"samlp", {{"logout", {{"callback", b.callback}, {"slo_enabled", false}}}}}}}});
  auto page = browser.open(s.v2_logout());
  for (int k = 0; k < 2; ++k) {
    EXPECT_NE(asked(page).client.client_id, b.client.client_id);
    page = s.answer(browser, asked(page), page);
  }
  EXPECT_EQ(page.url, kAfterLogout);
}

TEST_F(Three, hear_nothing_of_a_logout_that_is_refused) {
  const auto page = browser.open("/v2/logout?client_id=" + s.h.web.client_id + "&returnTo=https%3A%2F%2Fevil.example%2F");
  EXPECT_EQ(page.status, 400);
  EXPECT_FALSE(page.left);
  EXPECT_TRUE(is_signed_in());
  EXPECT_NO_THROW(asked(browser.open(s.v2_logout()))) << "all are still to be told";
}

TEST_F(Three, and_more_are_told_with_a_page_between_since_browsers_follow_few_redirects) {
  auto d = s.add("d");
  s.sign_in(browser, d);
  auto page = browser.open(s.v2_logout());
  int asked_of = 0;
  for (; page.left && page.url != kAfterLogout; ++asked_of) {
    const auto& party = s.is_at(page, d) ? d : asked(page);
    page = s.answer(browser, party, page);
    const auto at = page.response.body.find("http-equiv=\"refresh\" content=\"0;url=");
    if (at == std::string::npos) continue;
    const auto from = page.response.body.find("/u/logout", at);
    page = browser.open(page.response.body.substr(from, page.response.body.find('"', from) - from));
  }
  EXPECT_EQ(asked_of, 4);
  EXPECT_EQ(page.url, kAfterLogout);
}

TEST_F(Three, are_told_when_an_application_of_ws_federation_signs_out) {
  world.managed(Method::patch, "clients/" + s.h.web.client_id,
                json::object{{"callbacks", json::array{kConsumer, kWebCallback, "https://rp.example/signin"}},
                             {"client_aliases", json::array{"urn:rp"}},
                             {"addons", {{"wsfed", json::object{}}}}});
  const auto address = std::string("https://") + kDomain + "/wsfed/" + s.h.web.client_id;
  const auto token = browser.open(address + "?wa=wsignin1.0&wtrealm=urn:rp&wreply=https%3A%2F%2Frp.example%2Fsignin");
  ASSERT_THAT(token.response.body, HasSubstr("wresult"));
  auto page = browser.open(address + "?wa=wsignout1.0&wtrealm=urn:rp&wreply=" + base::percent_encode(kAfterLogout));
  for (int k = 0; k < 3; ++k) page = s.answer(browser, asked(page), page);
  EXPECT_EQ(page.url, kAfterLogout) << "whoever signs out knows";
}

TEST_F(Three, and_an_application_of_ws_federation_are_told_when_one_of_them_begins) {
  world.managed(Method::patch, "clients/" + s.h.web.client_id,
                json::object{{"callbacks", json::array{kConsumer, kWebCallback, "https://rp.example/signin"}},
                             {"client_aliases", json::array{"urn:rp"}},
                             {"addons", {{"wsfed", json::object{}}}}});
  browser.open(std::string("https://") + kDomain + "/wsfed/" + s.h.web.client_id +
               "?wa=wsignin1.0&wtrealm=urn:rp&wreply=https%3A%2F%2Frp.example%2Fsignin");
  auto page = browser.open(s.logout_link(a));
  EXPECT_THAT(page.response.body, HasSubstr("src=\"https://rp.example/signin?wa=wsignoutcleanup1.0\""));
  const auto from = page.response.body.find("/u/logout");
  page = browser.open(page.response.body.substr(from, page.response.body.find('"', from) - from));
  for (int k = 0; k < 2; ++k) page = s.answer(browser, asked(page), page);
  ASSERT_TRUE(s.is_at(page, a));
  EXPECT_EQ(s.read_response(page).status.code, status::kSuccess);
}

TEST_F(Three, of_ws_federation_are_told_by_images_of_a_page) {
  const auto session = s.h.stored_session(browser);
  auto& store = world.node().product().store();
  store.write(world.tenant(), [&](const store::Writer& w) {
    return store::session_clients::name(w, session.session_id,
                                        {b.client.client_id, "wsfed", "ada", "", "", "https://b.example/wsfed?realm=1"});
  });
  auto page = browser.open(s.v2_logout());
  ASSERT_EQ(page.status, 200);
  EXPECT_THAT(page.response.body, HasSubstr("src=\"https://b.example/wsfed?realm=1&amp;wa=wsignoutcleanup1.0\""));
  EXPECT_THAT(page.response.body, HasSubstr("http-equiv=\"refresh\" content=\"3;url=/u/logout?state="));
  EXPECT_THAT(std::string(page.response.headers.find("content-security-policy").value_or("")),
              HasSubstr("img-src 'self' data: https://b.example;"));
  const auto from = page.response.body.find("/u/logout");
  page = browser.open(page.response.body.substr(from, page.response.body.find('"', from) - from));
  for (int k = 0; k < 2; ++k) page = s.answer(browser, asked(page), page);
  EXPECT_EQ(page.url, kAfterLogout);
}

}  // namespace
}  // namespace segue::test
