// What each method of a post-login Action's `api` comes to, seen from outside (contract §8.5). Refusals, claims, ends and
// metadata of the session, and redirects have stories of their own: actions_sign_in_test.cc, action_redirect_*_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "actions/runtime.h"
#include "support/actions.h"
#include "support/handoff.h"

namespace segue::test {
namespace {
using namespace std::chrono_literals;
using ::testing::HasSubstr;

struct ActionApi : ::testing::Test {
  FakeRunner runner;
  Handoff h{{.world = {.run_actions = runner.run()}}};
  Browser browser = h.browser();

  Page sign_in_with(std::vector<actions::Command> commands, const http::Parameters& more = {}) {
    runner.commands = std::move(commands);
    bind(h.world, "post-login", {{"Decide", "exports.onExecutePostLogin = async () => {};"}});
    const auto page = h.open(browser, more);
    return page.is_login_page() ? browser.submit_login(page, h.ada) : page;
  }
};

bool signs_in(const Page& page) { return page.left && !page.parameter("code").empty(); }

TEST_F(ActionApi, access_token_scopes_are_added_and_removed) {
  h.world.managed(http::Method::post, "resource-servers",
                  {{"name", "api"},
                   {"identifier", "https://api.example/"},
                   {"skip_consent_for_verifiable_first_party_clients", true},
                   {"scopes", json::array{json::object{{"value", "read:x"}}, json::object{{"value", "write:x"}}}}});
  const auto page = sign_in_with({{"accessToken.addScope", {"write:x"}}, {"accessToken.removeScope", {"read:x"}}},
                                 parameters({{"audience", "https://api.example/"}, {"scope", "openid read:x"}}));
  ASSERT_TRUE(signs_in(page)) << page.url;
  const auto tokens = h.exchange_code(page);
  EXPECT_EQ(text_of(claims_of(tokens.access_token()), "scope"), "openid write:x");
}

TEST_F(ActionApi, session_set_cookie_mode_makes_a_cookie_that_ends_with_the_browser) {
  auto page = sign_in_with({{"session.setCookieMode", {"persistent"}}, {"session.setCookieMode", {"non-persistent"}}});
  ASSERT_TRUE(signs_in(page));
  EXPECT_FALSE(h.stored_session(browser).persistent);
  for (const auto cookie : page.response.headers.find_all("set-cookie")) {
    if (cookie.starts_with("auth0=")) {
      EXPECT_THAT(std::string(cookie), ::testing::Not(HasSubstr("Max-Age")));
    }
  }
}

TEST_F(ActionApi, session_metadata_is_set_deleted_and_evicted) {
  const auto metadata = [&] {
    const auto shown = h.world.managed(http::Method::get, "sessions/" + h.stored_session(browser).sid).as_object();
    return json::write(*json::find(shown, "session_metadata"));
  };
  ASSERT_TRUE(signs_in(sign_in_with({{"session.setMetadata", {"a", "1"}}, {"session.setMetadata", {"b", true}}})));
  EXPECT_EQ(metadata(), R"({"a":"1","b":"true"})");
  ASSERT_TRUE(signs_in(sign_in_with({{"session.deleteMetadata", {"a"}}, {"session.setMetadata", {"c", "3"}}})));
  EXPECT_EQ(runner.in_event("session.metadata.a"), "1");
  EXPECT_EQ(metadata(), R"({"b":"true","c":"3"})");
  ASSERT_TRUE(signs_in(sign_in_with({{"session.setMetadata", {"d", "4"}}, {"session.evictMetadata", {}}})));
  EXPECT_THAT(metadata(), ::testing::AnyOf("{}", "null"));
}

TEST_F(ActionApi, session_revoke_ends_the_session_and_its_refresh_tokens_or_keeps_them) {
  const auto offline = parameters({{"scope", "openid offline_access"}});
  const auto refreshes = [&](const std::string& token) {
    return h.world
        .token_request(parameters({{"grant_type", "refresh_token"},
                                   {"client_id", h.web.client_id},
                                   {"client_secret", h.web.client_secret},
                                   {"refresh_token", token}}))
        .status;
  };
  for (const bool keeps : {true, false}) {
    const auto tokens = h.exchange_code(sign_in_with({}, offline));
    ASSERT_FALSE(tokens.refresh_token().empty());
    const auto page = sign_in_with({{"session.revoke", {"Gone.", json::object{{"preserveRefreshTokens", keeps}}}}}, offline);
    EXPECT_TRUE(tells(page, "access_denied"));
    EXPECT_EQ(page.parameter("error_description"), "Gone.");
    runner.commands.clear();
    EXPECT_EQ(h.sid_in(browser), "");
    EXPECT_EQ(refreshes(tokens.refresh_token()), keeps ? 200 : 403);
  }
}

TEST_F(ActionApi, refresh_token_metadata_and_ends_follow_the_exchange) {
  const auto page = sign_in_with({{"refreshToken.setMetadata", {"a", "1"}},
                                  {"refreshToken.setMetadata", {"b", "2"}},
                                  {"refreshToken.deleteMetadata", {"a"}},
                                  {"refreshToken.setIdleExpiresAt", {base::to_millis(h.world.clock.now() + 10min)}}},
                                 parameters({{"scope", "openid offline_access"}}));
  const auto token = h.exchange_code(page).refresh_token();
  const auto refresh = [&](const std::string& text) {
    return h.world.token_request(parameters({{"grant_type", "refresh_token"},
                                             {"client_id", h.web.client_id},
                                             {"client_secret", h.web.client_secret},
                                             {"refresh_token", text}}));
  };
  runner.commands = {{"refreshToken.evictMetadata", {}}};
  ASSERT_EQ(refresh(token).status, 200);
  EXPECT_EQ(runner.in_event("refresh_token.metadata"), R"({"b":"2"})");
  runner.commands.clear();
  ASSERT_EQ(refresh(token).status, 200);
  EXPECT_EQ(runner.in_event("refresh_token.metadata"), "{}");
}

TEST_F(ActionApi, validation_error_tells_its_message) {
  const auto page = sign_in_with({{"validation.error", {"too_young", "Come back later."}}});
  EXPECT_TRUE(tells(page, "access_denied"));
  EXPECT_EQ(page.parameter("error_description"), "Come back later.");
  EXPECT_FALSE(browser.cookies().contains("auth0"));
}

// With one to whom the user is linked: tests/flow/linked_identities_test.cc.
TEST_F(ActionApi, set_primary_user_refuses_one_to_whom_the_user_is_not_linked) {
  const auto page = sign_in_with({{"authentication.setPrimaryUser", {"auth0|other"}}});
  EXPECT_TRUE(tells(page, "access_denied"));
  EXPECT_THAT(page.parameter("error_description"), HasSubstr("setPrimaryUser: whoever signs in must"));
}

TEST_F(ActionApi, saml_setters_change_nothing_of_a_sign_in_that_makes_no_saml_response) {
  EXPECT_TRUE(signs_in(sign_in_with({{"samlResponse.setAttribute", {"a", "b"}}, {"samlResponse.setAudience", {"c"}}})));
}

// --- Answered where the Action runs. ---

struct ActionApiOnNode : ::testing::Test {
  Runtime runtime;
  Handoff h{{.world = {.run_actions = [this](base::TenantId tenant, const actions::Invocation& call) {
               return runtime.run(call, tenant);
             }}}};
  void SetUp() override {
    if (!runtime.runner->problem().empty()) GTEST_SKIP() << runtime.runner->problem();
  }
  // What the body returns, as a claim of a sign-in at the phone.
  std::string said(const std::string& body) {
    bind(h.world, "post-login",
         {{"Say",
           "exports.onExecutePostLogin = async (event, api) => {"
           "api.idToken.setCustomClaim('said', JSON.stringify(await (async () => {" +
               body + "})())) };"}});
    const auto tokens = h.world.password_tokens(h.native, h.ada);
    return tokens.status == 200 ? text_of(claims_of(tokens.text("id_token")), "said") : json::write(tokens.body);
  }
};

TEST_F(ActionApiOnNode, roles_and_groups_are_empty_as_long_as_there_are_none) {
  EXPECT_EQ(said("return await api.roles.getUserEffectiveRoles({take: 10})"), R"({"roles":[],"next":null})");
  EXPECT_EQ(said("return await api.roles.getUserEffectiveRolesByIds(['rol_1'])"), R"({"roles":[],"next":null})");
  EXPECT_EQ(said("return await api.roles.getUserEffectiveRolesByNames(['admin'])"), R"({"roles":[],"next":null})");
  EXPECT_EQ(said("return await api.groups.getUserGroups()"), R"({"groups":[],"next":null})");
  EXPECT_EQ(said("return await api.groups.hasGroupMembership(['staff'])"), "false");
}

TEST_F(ActionApiOnNode, no_rule_was_executed_and_no_page_can_be_shown_at_the_token_endpoint) {
  EXPECT_EQ(said("return [api.rules.wasExecuted('rul_1'), api.redirect.canRedirect()]"), "[false,false]");
}

TEST_F(ActionApiOnNode, the_cache_stands_from_one_sign_in_to_the_next) {
  constexpr const char* kCount =
      "const n = Number(api.cache.get('n')?.value ?? 0) + 1; api.cache.set('n', String(n), {ttl: 60000}); return n";
  EXPECT_EQ(said(kCount), "1");
  EXPECT_EQ(said(kCount), "2");
  h.world.clock.advance(61s);
  EXPECT_EQ(said(kCount), "1");
  EXPECT_EQ(said("api.cache.delete('n'); return api.cache.get('n') === undefined"), "true");
  EXPECT_EQ(said("return api.cache.get('n') === undefined"), "true");
}

TEST_F(ActionApiOnNode, what_is_missing_says_so) {
  EXPECT_EQ(said("try { api.multifactor.enable('any') } catch (e) { return e.message }"),
            R"("api.multifactor.enable is not available: this server has no further factors yet")");
  EXPECT_EQ(said("try { api.prompt.render('ap_1') } catch (e) { return e.message }"),
            R"("api.prompt.render is not available: this server has no forms yet")");
}

}  // namespace
}  // namespace segue::test
