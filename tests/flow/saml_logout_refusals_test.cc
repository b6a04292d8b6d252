// What single logout refuses: requests that are not about this browser's session, messages that are not what they say, answers
// that nobody waits for (SAML core §3.7, SAML profiles §4.4).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "saml_logout_flow.h"

namespace segue::test {
namespace {
using namespace std::chrono_literals;

namespace status = saml_messages::status;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct Refusals : ::testing::Test {
  SamlLogout s;
  World& world = s.world;
  Party a = s.add("a"), b = s.add("b");
  Browser browser = s.h.browser();

  void SetUp() override {
    for (auto* party : {&a, &b}) s.sign_in(browser, *party);
  }
  void expect_nothing_ended(const Page& page, const std::string& why) {
    EXPECT_EQ(page.status, 400) << why;
    EXPECT_FALSE(page.left) << page.url;
    EXPECT_THAT(page.response.body, HasSubstr(why));
    EXPECT_TRUE(s.is_live(browser)) << why;
    EXPECT_THAT(world.logs("type:slo"), IsEmpty()) << why;
  }
  // Told to the service provider, with nothing ended.
  void expect_unknown_principal(const Page& page) {
    ASSERT_TRUE(s.is_at(page, a)) << page.url << page.response.body;
    const auto answer = s.read_response(page);
    EXPECT_EQ(answer.status.code, status::kRequester);
    EXPECT_EQ(answer.status.sub_code, status::kUnknownPrincipal);
    EXPECT_EQ(answer.in_response_to, "_l1");
    EXPECT_TRUE(s.is_live(browser));
    EXPECT_THAT(world.logs("type:slo"), IsEmpty());
    EXPECT_THAT(text_of(s.h.only_row("flo"), "description"), HasSubstr("names no session of this browser"));
  }
};

// --- LogoutRequest ---

TEST_F(Refusals, a_session_index_that_was_never_told) {
  expect_unknown_principal(browser.open(s.logout_link(a, {.index = "x"})));
}

TEST_F(Refusals, a_session_index_that_another_service_provider_was_told) {
  expect_unknown_principal(browser.open(s.logout_link(a, {.index = b.session_index})));
}

TEST_F(Refusals, the_name_of_another_person) {
  const auto grace = world.create_user("grace@example.com");
  expect_unknown_principal(browser.open(s.logout_link(a, {.name_id = grace.user_id})));
}

TEST_F(Refusals, the_session_of_another_browser) {
  auto other = s.h.browser();
  auto elsewhere = a;
  s.sign_in(other, elsewhere, world.create_user("grace@example.com"));
  expect_unknown_principal(browser.open(s.logout_link(elsewhere)));
  EXPECT_TRUE(s.is_live(other));
}

TEST_F(Refusals, a_browser_that_is_not_signed_in) {
  auto other = s.h.browser();
  expect_unknown_principal(other.open(s.logout_link(a)));
}

TEST_F(Refusals, nothing_where_nothing_is_left_to_end) {
  auto other = s.h.browser();
  for (const std::string index : {"-", "swept"}) {
    const auto page = other.open(s.logout_link(a, {.id = "_" + index, .index = index}));
    ASSERT_TRUE(s.is_at(page, a)) << page.response.body;
    EXPECT_EQ(s.read_response(page).status.code, status::kSuccess);
  }
  EXPECT_TRUE(s.is_live(browser));
  EXPECT_THAT(world.logs("type:slo"), IsEmpty());
}

TEST_F(Refusals, an_application_that_the_session_never_signed_in_at) {
  auto never = s.add("never");
  never.name_id = a.name_id;
  const auto page = browser.open(s.logout_link(never, {.index = "-"}));
  ASSERT_TRUE(s.is_at(page, never));
  EXPECT_EQ(s.read_response(page).status.sub_code, status::kUnknownPrincipal);
  EXPECT_TRUE(s.is_live(browser));
}

TEST_F(Refusals, a_request_without_a_signature_or_with_that_of_somebody_else) {
  expect_nothing_ended(browser.open(s.logout_link(a, {}, nullptr)), "sign");
  expect_nothing_ended(browser.open(s.logout_link(a, {}, &other_key().key)), "does not verify");
}

TEST_F(Refusals, a_request_that_was_tampered_with) {
  const auto genuine = s.logout_link(a), other = s.logout_link(a, {.id = "_l2"});
  const auto signature_of = [](const std::string& url) { return url.substr(url.find("&Signature=")); };
  expect_nothing_ended(browser.open(genuine.substr(0, genuine.find("&Signature=")) + signature_of(other)), "does not verify");
  // The signature covers RelayState.
  auto changed = genuine;
  changed.replace(changed.find("their"), 5, "other");
  expect_nothing_ended(browser.open(changed), "does not verify");
  // In a form: what the signature does not cover.
  const auto message = s.logout_request(a, {});
  auto xml = xml::sign(message.xml, message.signature_position, message.id, service_provider_key().key);
  xml.replace(xml.find(a.session_index), 4, "AAAA");
  http::Parameters form;
  form.add("SAMLRequest", saml_messages::post_value(xml));
  const auto page = browser.post_from_elsewhere(s.url_of(a, "/logout"), form, "https://a.example");
  EXPECT_EQ(page.status, 400);
  EXPECT_TRUE(s.is_live(browser));
}

TEST_F(Refusals, a_request_for_somebody_else) {
  expect_nothing_ended(browser.open(s.logout_link(a, {.destination = "https://other.example/slo"})),
                       "Destination is somebody else");
  expect_nothing_ended(browser.open(s.logout_link(a, {.destination = s.url_of(b, "/logout")})), "Destination is somebody else");
  expect_nothing_ended(browser.open(s.logout_link(a, {.destination = "-"})), "names its Destination");
}

TEST_F(Refusals, a_request_that_is_too_old_or_has_expired) {
  const auto now = world.clock.now();
  expect_nothing_ended(browser.open(s.logout_link(a, {.issued = now - 9min})), "too old");
  expect_nothing_ended(browser.open(s.logout_link(a, {.issued = now + 4min})), "in the future");
  expect_nothing_ended(browser.open(s.logout_link(a, {.issued = now, .not_on_or_after = now - 3min})), "has expired");
}

TEST_F(Refusals, a_request_that_came_before) {
  const auto link = s.logout_link(a, {.index = "x"});
  EXPECT_TRUE(s.is_at(browser.open(link), a));
  EXPECT_THAT(browser.open(link).response.body, HasSubstr("was sent before"));
  EXPECT_TRUE(s.is_live(browser));
}

TEST_F(Refusals, an_address_without_a_message_or_with_two) {
  expect_nothing_ended(browser.open(s.url_of(a, "/logout")), "neither or both");
  http::Parameters form;
  form.add("SAMLRequest", "x");
  form.add("SAMLResponse", "x");
  expect_nothing_ended(browser.post_from_elsewhere(s.url_of(a, "/logout"), form, "https://a.example"), "neither or both");
  EXPECT_EQ(browser.open(std::string("https://") + kDomain + "/samlp/nobody/logout").status, 404);
}

TEST_F(Refusals, nothing_where_a_prefetch_asks) {
  browser.extra.set("sec-purpose", "prefetch");
  EXPECT_EQ(browser.open(s.logout_link(a)).status, 204);
  browser.extra = {};
  EXPECT_TRUE(s.is_live(browser));
  EXPECT_TRUE(s.is_at(browser.open(s.logout_link(a)), b)) << "nothing was claimed";
}

TEST_F(Refusals, but_not_a_request_about_a_session_that_has_ended_before) {
  auto page = browser.open(s.logout_link(a));
  s.answer(browser, b, page);
  // Both were at it: there is nothing more to do for the second.
  page = browser.open(s.logout_link(b, {.id = "_l2"}));
  ASSERT_TRUE(s.is_at(page, b));
  EXPECT_EQ(s.read_response(page).status.code, status::kSuccess);
}

// --- Without a certificate, the person is asked. ---

struct Unsigned : Refusals {
  void SetUp() override {
    Refusals::SetUp();
    for (auto* party : {&a, &b}) set_addon(*party, false);
    link = s.logout_link(a, {}, nullptr);
  }
  void set_addon(const Party& party, bool slo_enabled) {
    world.managed(
        http::Method::patch, "clients/" + party.client.client_id,
        json::object{
            {"addons",
             {{"samlp", {{"signingCert", nullptr}, {"logout", {{"callback", party.callback}, {"slo_enabled", slo_enabled}}}}}}}});
  }
  Page confirm(const Page& page, const std::string& csrf, const std::string& id = "_l1") {
    return browser.submit(page, parameters({{"request_id", id}, {"relay_state", "their state"}, {"csrf", csrf}}));
  }
  std::string link;
};

TEST_F(Unsigned, a_logout_waits_for_the_persons_word) {
  const auto page = browser.open(link);
  ASSERT_EQ(page.form_action(), "/samlp/" + a.client.client_id + "/logout/confirm");
  EXPECT_TRUE(s.is_live(browser));
  EXPECT_EQ(page.field("request_id"), "_l1");
  const auto session = s.h.stored_session(browser);
  const auto done = confirm(page, page.field("csrf"));
  ASSERT_TRUE(s.is_at(done, a)) << done.url << done.response.body;
  EXPECT_EQ(s.read_response(done).status.code, status::kSuccess);
  EXPECT_THAT(world.logs("type:slo"), SizeIs(1));
}

TEST_F(Unsigned, an_application_is_told_but_confirms_nothing) {
  set_addon(a, true);
  const auto page = browser.open(link);
  ASSERT_EQ(page.form_action(), "/samlp/" + a.client.client_id + "/logout/confirm");
  EXPECT_TRUE(s.is_live(browser));
  auto asked = browser.open(s.v2_logout());
  ASSERT_TRUE(s.is_at(asked, a)) << asked.url;
  EXPECT_THAT(world.logs("type:slo"), SizeIs(1));
  const auto end = s.answer(browser, a, asked, {.key = nullptr});
  EXPECT_EQ(end.url, kAfterLogout);
  std::string told;
  for (const auto& row : world.logs("type:flo")) told += text_of(row, "description") + "\n";
  EXPECT_THAT(told, HasSubstr("did not confirm the sign-out. Set addons.samlp.signingCert"));
  EXPECT_THAT(told, HasSubstr("Not told: " + a.client.client_id));
}

TEST_F(Unsigned, a_word_for_another_session_or_another_request_does_not_count) {
  const auto page = browser.open(link);
  EXPECT_EQ(confirm(page, "forged").status, 400);
  EXPECT_EQ(confirm(page, page.field("csrf"), "_l2").status, 400);
  auto other = s.h.browser();
  s.sign_in(other, a, world.create_user("grace@example.com"));
  EXPECT_EQ(other.submit(page, parameters({{"request_id", "_l1"}, {"relay_state", "their state"}, {"csrf", page.field("csrf")}}))
                .status,
            400);
  EXPECT_TRUE(s.is_live(browser));
  EXPECT_TRUE(s.is_live(other));
}

TEST_F(Unsigned, a_word_from_another_site_or_without_a_session_does_not_count) {
  const auto page = browser.open(link);
  browser.extra.set("sec-fetch-site", "cross-site");
  EXPECT_EQ(confirm(page, page.field("csrf")).status, 400);
  browser.extra = {};
  EXPECT_TRUE(s.is_live(browser));
  auto empty = s.h.browser();
  const auto form = parameters({{"request_id", "_l1"}, {"relay_state", "their state"}, {"csrf", page.field("csrf")}});
  EXPECT_EQ(empty.submit(page, form).status, 400);
  auto without = form;
  without.remove("csrf");
  EXPECT_EQ(empty.submit(page, without).status, 400);
  EXPECT_TRUE(s.is_at(confirm(page, page.field("csrf")), a));
}

TEST_F(Unsigned, an_empty_relay_state_goes_back_as_it_came) {
  const auto page = browser.open(s.logout_link(a, {}, nullptr, ""));
  ASSERT_EQ(page.form_action(), "/samlp/" + a.client.client_id + "/logout/confirm");
  const auto done = browser.submit(page, parameters({{"request_id", "_l1"}, {"relay_state", ""}, {"csrf", page.field("csrf")}}));
  ASSERT_TRUE(s.is_at(done, a)) << done.url << done.response.body;
  std::string relay_state;
  EXPECT_EQ(s.read_response(done, &relay_state).status.code, status::kSuccess);
  EXPECT_EQ(relay_state, "");
}

// --- LogoutResponse ---

struct Answers : Refusals {
  Page asked;
  Party other = {};

  void SetUp() override {
    Refusals::SetUp();
    asked = browser.open(s.v2_logout());
    if (!s.is_at(asked, a)) std::swap(a, b);  // in the order of their client_id
    ASSERT_TRUE(s.is_at(asked, a));
  }
  // `b` is asked next, as if nothing had been tried, and all have been told.
  void expect_nothing_changed() {
    auto page = s.answer(browser, a, asked);
    ASSERT_TRUE(s.is_at(page, b)) << page.url << page.response.body;
    EXPECT_EQ(s.answer(browser, b, page).url, kAfterLogout);
    for (const auto& row : world.logs("type:flo")) EXPECT_EQ(text_of(row, "description").find("Not told"), std::string::npos);
  }
};

TEST_F(Answers, to_a_request_that_was_never_sent_change_nothing) {
  const auto page = s.answer(browser, a, asked, {.in_response_to = "_never"});
  EXPECT_EQ(page.status, 400);
  EXPECT_THAT(page.response.body, HasSubstr("to another request"));
  expect_nothing_changed();
}

TEST_F(Answers, with_a_relay_state_that_was_never_sent_change_nothing) {
  auto forged = s.read_request(asked).relay_state;
  forged[forged.size() - 3] = forged[forged.size() - 3] == 'A' ? 'B' : 'A';
  for (const auto& relay_state : {forged, std::string("x"), std::string(kAfterLogout)}) {
    EXPECT_EQ(s.answer(browser, a, asked, {.relay_state = relay_state}).status, 400);
  }
  expect_nothing_changed();
}

TEST_F(Answers, in_another_browser_change_nothing) {
  auto elsewhere = s.h.browser();
  EXPECT_EQ(s.answer(elsewhere, a, asked).status, 400);
  elsewhere.plant("__Host-segue_logout", std::string(43, 'A'));
  EXPECT_EQ(s.answer(elsewhere, a, asked).status, 400);
  expect_nothing_changed();
}

TEST_F(Answers, of_a_service_provider_that_was_not_asked_change_nothing) {
  const auto sent = s.read_request(asked);
  const auto link = s.answer_link(b, asked);
  EXPECT_EQ(browser.open(link).status, 400);
  expect_nothing_changed();
}

TEST_F(Answers, count_once) {
  const auto link = s.answer_link(a, asked);
  const auto page = browser.open(link);
  ASSERT_TRUE(s.is_at(page, b));
  EXPECT_EQ(browser.open(link).status, 400);
  EXPECT_EQ(s.answer(browser, b, page).url, kAfterLogout);
  EXPECT_EQ(browser.open(link).status, 400);
}

TEST_F(Answers, may_come_as_a_form_of_the_other_site) {
  const auto sent = s.read_request(asked);
  const auto answer = saml_messages::write_logout_response(
      {.header = {.id = "_a1", .issuer = "sp", .issue_instant = world.clock.now(), .destination = s.url_of(a, "/logout")},
       .in_response_to = sent.request.header.id,
       .status = {.code = std::string(status::kSuccess)}});
  http::Parameters form;
  form.add("SAMLResponse",
           saml_messages::post_value(xml::sign(answer.xml, answer.signature_position, answer.id, service_provider_key().key)));
  form.add("RelayState", sent.relay_state);
  EXPECT_TRUE(s.is_at(browser.post_from_elsewhere(s.url_of(a, "/logout"), form, "https://a.example"), b));
}

TEST_F(Answers, are_not_waited_for_longer_than_the_logout_lives) {
  world.clock.advance(4min);
  const auto link = s.answer_link(a, asked);
  world.clock.advance(6min);
  const auto late = browser.open(link);
  EXPECT_EQ(late.status, 200) << "the person is signed out all the same";
  EXPECT_FALSE(late.left) << late.url;
  EXPECT_THAT(late.response.body, HasSubstr("You are signed out"));
  const auto forged = browser.open(s.answer_link(a, asked, {.key = &other_key().key}));
  EXPECT_EQ(forged.status, 400);
}

TEST_F(Answers, are_not_needed_to_go_on) {
  const auto state = "/u/logout?state=" + s.read_request(asked).relay_state;
  EXPECT_EQ(s.h.browser().open(state).status, 400) << "in another browser";
  browser.extra.set("sec-purpose", "prefetch");
  EXPECT_EQ(browser.open(state).status, 204);
  browser.extra = {};
  auto page = browser.open(state);
  ASSERT_TRUE(s.is_at(page, a)) << "the request may have been lost";
  EXPECT_EQ(s.read_request(page).request.header.id, s.read_request(asked).request.header.id);
  EXPECT_EQ(s.read_request(page).relay_state, s.read_request(asked).relay_state);
  page = browser.open(state);
  ASSERT_TRUE(s.is_at(page, b));
  EXPECT_EQ(s.answer(browser, b, page).url, kAfterLogout);
  EXPECT_THAT(browser.open(state).response.body, HasSubstr("You are signed out")) << "once more, when it is over";
}

}  // namespace
}  // namespace segue::test
