// The redirect of the documentation, run by Node.js: an Action signs what it tells another site, the site answers with a token of
// its own, and the Action believes nothing else (contract §8.5).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "actions/runtime.h"
#include "base/bytes.h"
#include "crypto/digest.h"
#include "support/actions.h"
#include "support/handoff.h"

namespace segue::test {
namespace {

using ::testing::HasSubstr;

constexpr const char* kTerms = R"js(
exports.onExecutePostLogin = async (event, api) => {
  if (!api.redirect.canRedirect()) return;
  const session_token = api.redirect.encodeToken({
    secret: 'shared-with-the-site', expiresInSeconds: 60, payload: { email: event.user.email } });
  api.transaction.setMetadata('asked', 'terms');
  api.redirect.sendUserTo('https://site.example/terms', { query: { session_token } });
};
exports.onContinuePostLogin = async (event, api) => {
  let answer;
  try {
    answer = api.redirect.validateToken({ secret: 'shared-with-the-site', tokenParameterName: 'answer' });
  } catch (error) {
    return api.access.deny(error.message);
  }
  if (!answer.agreed) return api.access.deny('The terms were declined.');
  api.user.setAppMetadata('terms', { agreed: true, asked: event.transaction.metadata.asked });
  api.authentication.recordMethod('https://site.example/terms');
};
)js";
constexpr const char* kStamp = R"js(
exports.onExecutePostLogin = async (event, api) => {
  api.idToken.setCustomClaim('https://example.com/asked', event.transaction.metadata.asked ?? 'nothing');
};
)js";

// Another site that shares a secret with the Action.
struct Site {
  std::string secret = "shared-with-the-site";
  std::string mac(const std::string& input) const { return base::base64url(crypto::HmacKey(base::as_bytes(secret)).mac(input)); }
  // What the Action says about the person; empty when it is not signed with the secret.
  json::object read(const std::string& token) const {
    const auto dot = token.rfind('.');
    if (dot == std::string::npos || mac(token.substr(0, dot)) != token.substr(dot + 1)) return {};
    return claims_of(token);
  }
  std::string sign(const json::object& claims) const {
    const auto part = [](const json::object& o) { return base::base64url(base::as_bytes(json::write(o))); };
    const auto input = part({{"alg", "HS256"}, {"typ", "JWT"}}) + "." + part(claims);
    return input + "." + mac(input);
  }
};

WorldOptions world_options(Runtime& runtime) {
  WorldOptions out;
  out.run_actions = [&runtime](base::TenantId tenant, const actions::Invocation& call) { return runtime.run(call, tenant); };
  return out;
}

struct ActionRedirectSite : ::testing::Test {
  Runtime runtime;
  Handoff h{{.world = world_options(runtime)}};
  Site site;
  Browser browser = h.browser();

  void SetUp() override {
    if (!runtime.runner->problem().empty()) GTEST_SKIP() << runtime.runner->problem();
    bind(h.world, "post-login", {{"Terms", kTerms}, {"Stamp", kStamp}});
  }
  Page at_site() { return browser.submit_login(h.open(browser), h.ada); }
  // The answer of the site to what it was told; the processes' clock is the real one.
  json::object answer_to(const Page& away, bool agreed) {
    const auto told = site.read(away.parameter("session_token"));
    return {{"iss", "https://site.example"},    {"sub", json::find_string(told, "sub").value_or("")},
            {"iat", *json::find(told, "iat")},  {"exp", *json::find(told, "exp")},
            {"state", away.parameter("state")}, {"agreed", agreed}};
  }
  Page come_back(const Page& away, const std::string& token) {
    return browser.open("/continue?" + parameters({{"state", away.parameter("state")}, {"answer", token}}).encode());
  }
};

TEST_F(ActionRedirectSite, is_told_who_comes_and_believed_when_it_signs_its_answer) {
  const auto away = at_site();
  ASSERT_TRUE(away.left);
  ASSERT_TRUE(away.url.starts_with("https://site.example/terms?session_token=")) << away.url;
  const auto told = site.read(away.parameter("session_token"));
  EXPECT_EQ(json::find_string(told, "sub"), h.ada.user_id);
  EXPECT_EQ(json::find_string(told, "email"), h.ada.email);
  EXPECT_EQ(json::find_string(told, "iss"), "tenant.example");
  EXPECT_EQ(json::find_string(told, "ip"), "192.0.2.7");

  const auto page = come_back(away, site.sign(answer_to(away, true)));
  ASSERT_FALSE(page.parameter("code").empty()) << page.url;
  EXPECT_EQ(text_of(claims_of(h.exchange_code(page).text("id_token")), "https://example.com/asked"), "terms");
  const auto user = h.world.managed(http::Method::get, "users/" + h.ada.user_id).as_object();
  EXPECT_EQ(json::write(*json::find(user, "app_metadata")), R"({"terms":{"agreed":true,"asked":"terms"}})");
  EXPECT_EQ(h.stored_session(browser).methods.back().name, "https://site.example/terms");
}

TEST_F(ActionRedirectSite, is_not_believed_otherwise) {
  const Site stranger{.secret = "guessed"};
  const auto expect_denied = [&](const Page& page, const std::string& why) {
    EXPECT_TRUE(tells(page, "access_denied")) << page.url;
    EXPECT_THAT(page.parameter("error_description"), HasSubstr(why));
    EXPECT_FALSE(browser.cookies().contains("auth0"));
  };
  auto away = at_site();
  expect_denied(come_back(away, site.sign(answer_to(away, false))), "declined");
  away = at_site();
  expect_denied(come_back(away, stranger.sign(answer_to(away, true))), "signature");
  away = at_site();
  expect_denied(browser.open("/continue?state=" + away.parameter("state")), "no parameter");
  // What it said in another sign-in of the same person.
  const auto old = site.sign(answer_to(away, true));
  away = at_site();
  expect_denied(come_back(away, old), "State in the token does not match");
  // What the Action itself signed for the site is no answer of the site.
  away = at_site();
  expect_denied(come_back(away, away.parameter("session_token")), "Missing or invalid standard claims: state");
}

TEST_F(ActionRedirectSite, is_passed_over_where_no_page_may_be_shown) {
  EXPECT_EQ(h.world.password_tokens(h.native, h.ada).status, 200);
}

}  // namespace
}  // namespace segue::test
