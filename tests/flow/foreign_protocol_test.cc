// A sign-in that another protocol asks for and answers (interaction/foreign_protocol.h), with a protocol made up here: what is
// between its request and its answer is what every sign-in has.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/handoff.h"

namespace segue::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kStart = "https://tenant.example/made-up";
constexpr const char* kCookie = "auth0_session_transfer_token";
constexpr const char* kOtherCookie = "session_transfer_token";

class MadeUpProtocol final : public interaction::ForeignProtocol {
 public:
  bool admits(const store::Reader&, const interaction::ForeignSignIn&, const model::User& user) const override {
    return only.empty() || only == user.user_id;
  }
  http::Response respond(const interaction::ForeignSignIn& s, const interaction::SignedIn& in) override {
    sids.push_back(in.session.sid);
    indexes.push_back(in.session_index);
    overrides = in.answer_overrides;
    return http::redirect_response(s.consumer_url + "?user=" + in.user.email +
                                   "&asked=" + json::find_string(s.message, "id").value_or("nothing"));
  }
  http::Response refuse(const interaction::ForeignSignIn& s, const base::Error& error) override {
    return http::redirect_response(s.consumer_url + "?refused=" + error.code);
  }
  std::string only;  // the one user that is asked for
  std::vector<std::string> sids, indexes;
  json::object overrides;
};

struct MadeUp {
  MadeUpProtocol protocol;
  Handoff h;
  interaction::ForeignRequest request;

  explicit MadeUp(HandoffOptions options = {}) : h(std::move(options)) {
    h.world.node().product().oauth().speak("wsfed", protocol);
    request.protocol = "wsfed";
    request.consumer_url = kWebCallback;
    request.message = {{"id", "r1"}};
    set_addon({});
  }

  void set_addon(const json::object& addon) {
    h.world.managed(http::Method::patch, "clients/" + h.web.client_id, json::object{{"addons", {{"wsfed", addon}}}});
  }

  // A browser of a server that has one route more.
  Browser browser() {
    return Browser(
        [this](http::Request asked) {
          if (asked.path != "/made-up") return h.world.send(std::move(asked));
          auto& tenants = h.world.node().product().tenants();
          http::Call call{.request = asked, .received = h.world.clock.now(), .tenant = h.world.tenant(), .domain = kDomain};
          call.caller_address = asked.peer_address;
          return tenants.on_current(call.tenant, [&](const std::shared_ptr<const tenancy::Snapshot>& tenant) {
            auto begun = request;
            begun.client = tenant->client(h.web.client_id);
            begun.session_transfer_token = query_of("?" + asked.query).find("session_transfer_token").value_or("");
            return h.world.node().product().oauth().authorization_flow().begin_foreign(call, tenant, std::move(begun));
          });
        },
        kDomain);
  }
  Page redeem(Browser& in, const std::string& token) { return in.open(std::string(kStart) + "?session_transfer_token=" + token); }
  void by_cookie_only() { h.set_web({{"allowed_authentication_methods", json::array{"cookie"}}}); }
};

bool signs_in(const Page& page, const std::string& email = "ada@example.com") {
  return page.left && page.parameter("user") == email && page.parameter("asked") == "r1";
}

TEST(ForeignProtocol, is_answered_by_its_feature_after_a_sign_in_by_hand) {
  MadeUp m;
  auto browser = m.browser();
  const auto login = browser.open(kStart);
  ASSERT_TRUE(login.is_login_page());
  const auto page = browser.submit_login(login, m.h.ada);
  EXPECT_TRUE(signs_in(page)) << page.url;
  EXPECT_TRUE(page.parameter("code").empty());
  const auto row = m.h.only_row("s");
  EXPECT_EQ(detail_of(row, "protocol"), "wsfed");
  EXPECT_EQ(text_of(row, "client_id"), m.h.web.client_id);
}

TEST(ForeignProtocol, goes_on_with_the_session_that_the_browser_has) {
  MadeUp m;
  auto browser = m.browser();
  browser.submit_login(browser.open(kStart), m.h.ada);
  EXPECT_TRUE(signs_in(browser.open(kStart)));
  ASSERT_THAT(m.protocol.sids, SizeIs(2));
  EXPECT_EQ(m.protocol.sids[0], m.protocol.sids[1]);
  EXPECT_EQ(m.protocol.indexes[0], m.protocol.indexes[1]);
  EXPECT_NE(m.protocol.indexes[0], m.protocol.sids[0]);
  // One session for both protocols.
  EXPECT_EQ(m.h.sid_in(browser), m.protocol.sids[0]);
}

TEST(ForeignProtocol, asks_again_where_its_request_forces_a_sign_in) {
  MadeUp m;
  auto browser = m.browser();
  browser.submit_login(browser.open(kStart), m.h.ada);
  m.request.forces_login = true;
  EXPECT_TRUE(browser.open(kStart).is_login_page());
}

TEST(ForeignProtocol, is_told_of_a_refusal_in_its_own_words) {
  MadeUp m;
  m.request.is_passive = true;
  auto browser = m.browser();
  EXPECT_EQ(browser.open(kStart).parameter("refused"), "login_required");
  EXPECT_EQ(detail_of(m.h.only_row("fsa"), "protocol"), "wsfed");
  m.request.is_passive = false;
  m.request.connection = "no-such";
  EXPECT_EQ(browser.open(kStart).parameter("refused"), "invalid_connection");
  m.request.connection.clear();
  m.request.organization = "org_nowhere";
  EXPECT_FALSE(browser.open(kStart).parameter("refused").empty());
}

TEST(ForeignProtocol, is_answered_nowhere_but_at_an_address_of_the_client) {
  MadeUp m;
  m.request.consumer_url = "https://evil.example/callback";
  auto browser = m.browser();
  auto page = browser.open(kStart);
  EXPECT_FALSE(page.left);
  EXPECT_EQ(page.status, 403);
  EXPECT_THAT(page.response.body, HasSubstr("not among the application&#39;s callbacks"));
  EXPECT_THAT(text_of(m.h.only_row("f"), "description"), HasSubstr("evil.example"));
  m.request.consumer_url = "https://sp.example/consumer";
  m.set_addon({{"destination", "https://sp.example/consumer"}});
  EXPECT_TRUE(browser.open(kStart).is_login_page());
}

TEST(ForeignProtocol, loses_a_sign_in_whose_address_was_taken_away_meanwhile) {
  MadeUp m;
  auto browser = m.browser();
  const auto login = browser.open(kStart);
  m.h.world.managed(http::Method::patch, "clients/" + m.h.web.client_id,
                    json::object{{"callbacks", json::array{"https://other.example/"}}});
  EXPECT_FALSE(browser.submit_login(login, m.h.ada).left);
  EXPECT_THAT(m.protocol.sids, IsEmpty());
}

TEST(ForeignProtocol, counts_a_request_once_where_it_has_an_identifier) {
  MadeUp m;
  m.request.identifier = "sp\n_1";
  m.request.remembered_until = m.h.world.clock.now() + std::chrono::minutes(11);
  auto browser = m.browser();
  const auto token = m.h.transfer();
  EXPECT_TRUE(browser.open(kStart).is_login_page());
  EXPECT_EQ(m.redeem(browser, token).parameter("refused"), "invalid_request");
  EXPECT_TRUE(m.h.is_unspent(token)) << "nothing is spent for a request that came before";
}

TEST(ForeignProtocol, does_nothing_for_a_prefetch) {
  MadeUp m;
  m.request.identifier = "sp\n_1";
  m.request.remembered_until = m.h.world.clock.now() + std::chrono::minutes(11);
  auto browser = m.browser();
  browser.extra.set("sec-purpose", "prefetch");
  EXPECT_EQ(browser.open(kStart).status, 204);
  browser.extra = {};
  EXPECT_TRUE(browser.open(kStart).is_login_page());
}

// --- Session transfer tokens. ---

TEST(ForeignProtocol, opens_signed_in_by_a_session_transfer_token) {
  MadeUp m;
  auto browser = m.browser();
  const auto token = m.h.transfer();
  EXPECT_TRUE(signs_in(m.redeem(browser, token)));
  const auto row = m.h.only_row("s");
  EXPECT_EQ(detail_of(row, "triggered_by_session_transfer_token"), "true");
  EXPECT_EQ(detail_of(row, "protocol"), "wsfed");
  EXPECT_EQ(text_of(row, "transfer_id"), text_of(m.h.only_row("sertft"), "transfer_id"));
  EXPECT_FALSE(m.h.is_unspent(token));
}

TEST(ForeignProtocol, takes_the_cookie_under_both_of_its_names_and_expires_it) {
  for (const auto* name : {kCookie, kOtherCookie}) {
    MadeUp m;
    m.by_cookie_only();
    auto browser = m.browser();
    browser.plant(name, m.h.transfer());
    EXPECT_TRUE(signs_in(browser.open(kStart))) << name;
    EXPECT_FALSE(browser.cookies().contains(name)) << name;
  }
}

TEST(ForeignProtocol, takes_one_token_that_stands_under_both_names_and_refuses_two) {
  MadeUp m;
  auto same = m.browser();
  const auto token = m.h.transfer();
  same.plant(kCookie, token);
  same.plant(kOtherCookie, token);
  EXPECT_TRUE(signs_in(same.open(kStart)));
  auto different = m.browser();
  different.plant(kCookie, m.h.transfer());
  different.plant(kOtherCookie, m.h.transfer());
  EXPECT_TRUE(different.open(kStart).is_login_page());
  EXPECT_EQ(detail_of(m.h.only_row("w"), "reason"), "transport_conflict");
}

TEST(ForeignProtocol, does_not_spend_a_token_for_a_sign_in_that_nobody_asked_for) {
  MadeUp m;
  m.request.initiated_here = true;
  const auto token = m.h.transfer();
  auto browser = m.browser();
  EXPECT_TRUE(m.redeem(browser, token).is_login_page());
  const auto row = m.h.only_row("w");
  EXPECT_EQ(detail_of(row, "reason"), "unsolicited");
  EXPECT_EQ(detail_of(row, "protocol"), "wsfed");
  EXPECT_THAT(text_of(row, "description"), HasSubstr("allow_transfer_on_idp_initiated"));
  auto with_cookie = m.browser();
  with_cookie.plant(kOtherCookie, token);
  EXPECT_TRUE(with_cookie.open(kStart).is_login_page());
  EXPECT_TRUE(with_cookie.cookies().contains(kOtherCookie));
  m.set_addon({{"allow_transfer_on_idp_initiated", true}});
  EXPECT_TRUE(signs_in(m.redeem(browser, token)));
}

TEST(ForeignProtocol, keeps_to_the_methods_that_the_client_accepts) {
  MadeUp m;
  m.by_cookie_only();
  auto browser = m.browser();
  const auto token = m.h.transfer();
  EXPECT_TRUE(m.redeem(browser, token).is_login_page());
  EXPECT_EQ(detail_of(m.h.only_row("w"), "reason"), "method_not_allowed");
}

// --- A request that names its person. ---

TEST(ForeignProtocol, signs_in_nobody_but_the_person_whom_its_request_names) {
  MadeUp m;
  const auto eve = m.h.world.create_user("eve@example.com");
  m.protocol.only = eve.user_id;
  auto by_hand = m.browser();
  EXPECT_EQ(by_hand.submit_login(by_hand.open(kStart), m.h.ada).parameter("refused"), "authentication_failed");
  EXPECT_FALSE(by_hand.cookies().contains("auth0"));
  auto by_token = m.browser();
  EXPECT_EQ(m.redeem(by_token, m.h.transfer()).parameter("refused"), "authentication_failed");
  EXPECT_FALSE(by_token.cookies().contains("auth0"));
  EXPECT_THAT(m.protocol.sids, IsEmpty());
  // Somebody else's session answers as little as none.
  m.protocol.only.clear();
  auto browser = m.browser();
  browser.submit_login(browser.open(kStart), m.h.ada);
  m.protocol.only = eve.user_id;
  const auto login = browser.open(kStart);
  ASSERT_TRUE(login.is_login_page());
  EXPECT_TRUE(signs_in(browser.submit_login(login, eve), "eve@example.com"));
}

// --- The pipeline. ---

TEST(ForeignProtocol, is_what_the_pipeline_is_told_and_what_it_refuses) {
  DenyingPipeline pipeline;
  HandoffOptions options;
  options.world.pipeline = &pipeline;
  pipeline.denies = false;
  MadeUp m(std::move(options));
  pipeline.denies = true;
  auto browser = m.browser();
  const auto page = browser.submit_login(browser.open(kStart), m.h.ada);
  EXPECT_EQ(page.parameter("refused"), "access_denied");
  EXPECT_EQ(pipeline.protocols, std::vector<std::string>{"wsfed"});
  EXPECT_EQ(detail_of(m.h.only_row("f"), "protocol"), "wsfed");
}

// Wants something of the answer.
class OverridingPipeline final : public oauth::SignInPipeline {
 public:
  bool is_empty(const tenancy::Snapshot&) const override { return false; }
  oauth::SignInResult run(const oauth::SignIn&) override {
    oauth::SignInResult out;
    out.effects.saml_response = {{"setAudience", "urn:other"}};
    return out;
  }
};

TEST(ForeignProtocol, is_told_what_the_pipeline_wants_of_its_answer) {
  OverridingPipeline pipeline;
  HandoffOptions options;
  options.world.pipeline = &pipeline;
  MadeUp m(std::move(options));
  auto browser = m.browser();
  EXPECT_TRUE(signs_in(browser.submit_login(browser.open(kStart), m.h.ada)));
  EXPECT_EQ(json::find_string(m.protocol.overrides, "setAudience"), "urn:other");
}

// --- /authorize that leads to the client's own sign-in URL. ---

TEST(ForeignProtocol, begins_behind_authorize_with_the_sign_in_url_as_redirect_uri) {
  MadeUp m;
  auto browser = m.browser();
  const auto own = std::string("https://tenant.example/wsfed/") + m.h.web.client_id + "?wctx=deep";
  const auto open = [&](const std::string& uri, const http::Parameters& more = {}) {
    auto url = authorize_url(m.h.web, uri, more);
    auto request = request_for(http::Method::get, url.substr(url.find("/authorize")));
    request.peer_address = browser.peer_address;
    return m.h.world.send(std::move(request));
  };
  const auto token = m.h.transfer();
  const auto answer = open(own, parameters({{"session_transfer_token", token}}));
  EXPECT_EQ(header_of(answer, "location"), own) << "no code, no state";
  EXPECT_THAT(header_of(answer, "set-cookie"), HasSubstr("auth0="));
  EXPECT_FALSE(m.h.is_unspent(token));
  // An error there would begin a sign-in.
  const auto silent = open(own, parameters({{"prompt", "none"}}));
  EXPECT_EQ(header_of(silent, "location"), "");
  EXPECT_GE(silent.status, 400);
  for (const auto* foreign :
       {"https://tenant.example/wsfed/another", "https://tenant.example/samlp/", "https://evil.example/wsfed/"})
    EXPECT_EQ(header_of(open(std::string(foreign) + m.h.web.client_id), "location"), "") << foreign;
}

}  // namespace
}  // namespace segue::test
