// A token exchange as an administrator sets it up: Action, profile and application through the Management API, run by Node.js.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "actions/runtime.h"
#include "app/action_runtime.h"
#include "oauth/token_exchange/exchange_request.h"
#include "support/handoff.h"

namespace segue::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Takes "KEY:USER_ID:E-MAIL", where KEY is a secret of the Action.
constexpr const char* kTakeLegacyTokens = R"js(
exports.onExecuteCustomTokenExchange = async (event, api) => {
  const [key, id, email] = event.transaction.subject_token.split(':');
  console.log(event.transaction.subject_token);
  if (key === 'throw') throw new Error('cannot read ' + event.transaction.subject_token);
  if (key !== event.secrets.KEY) return api.access.rejectInvalidSubjectToken('That is no legacy token.');
  if (event.request.body.reason === 'fraud') return api.access.deny('suspended', 'Ask the help desk.');
  api.user.setAppMetadata('legacy', true);
  api.authentication.setUserByConnection(
    'Username-Password-Authentication',
    { user_id: id, email, email_verified: true, nickname: undefined },
    { creationBehavior: 'create_if_not_exists', updateBehavior: 'none' },
  );
};
)js";

struct TokenExchangeActions : ::testing::Test {
  static app::Config config() {
    app::Config out;
    out.actions_node = test_node();
    return out;
  }
  TestFolder folder;
  ManualClock clock;
  SeededRandom random{6};
  app::ActionRuntime runtime{config(), app::DataFolder(folder.path()), clock, random};
  World world{{.pipeline = &runtime.pipeline(), .actions = &runtime}};
  Client app;

  void SetUp() override {
    if (const auto problem = runtime.problem()) GTEST_SKIP() << *problem;
    const auto action =
        world.managed(http::Method::post, "actions/actions",
                      json::object{{"name", "Take legacy tokens"},
                                   {"supported_triggers", json::array{json::object{{"id", "custom-token-exchange"}}}},
                                   {"code", kTakeLegacyTokens},
                                   {"secrets", json::array{json::object{{"name", "KEY"}, {"value", "legacy-signing-key"}}}},
                                   {"deploy", true}});
    world.managed(http::Method::post, "token-exchange-profiles",
                  json::object{{"name", "legacy"},
                               {"subject_token_type", "urn:acme:legacy"},
                               {"action_id", action.at("id")},
                               {"type", "custom_authentication"}});
    app = world.create_client(
        {{"app_type", "regular_web"},
         {"grant_types", json::array{"refresh_token"}},
         {"token_exchange", json::object{{"allow_any_profile_of_type", json::array{"custom_authentication"}}}}});
  }
  Tokens exchange(const std::string& token, const std::string& reason = "") {
    auto form = parameters({{"grant_type", std::string(oauth::kTokenExchangeGrant)},
                            {"client_id", app.client_id},
                            {"client_secret", app.client_secret},
                            {"subject_token", token},
                            {"subject_token_type", "urn:acme:legacy"},
                            {"scope", "openid email offline_access"}});
    if (!reason.empty()) form.add("reason", reason);
    return world.token_request(form);
  }
};

TEST_F(TokenExchangeActions, turn_a_legacy_token_into_a_user_of_the_tenant) {
  const std::string token = "legacy-signing-key:42:grace@example.com";
  const auto tokens = exchange(token);
  ASSERT_EQ(tokens.status, 200) << json::write(tokens.body);
  const auto claims = claims_of(tokens.text("id_token"));
  EXPECT_EQ(text_of(claims, "sub"), "auth0|42");
  EXPECT_EQ(text_of(claims, "email"), "grace@example.com");
  EXPECT_FALSE(tokens.refresh_token().empty());
  const auto user = object_of(world.manage(http::Method::get, "users/auth0%7C42"));
  EXPECT_EQ(json::write(*json::find(user, "app_metadata")), R"({"legacy":true})");

  EXPECT_EQ(exchange("wrong-key:42:x@example.com").text("error_description"), "That is no legacy token.");
  const auto denied = exchange(token, "fraud");
  EXPECT_EQ(denied.error(), "suspended");
  EXPECT_EQ(denied.status, 400);
}

TEST_F(TokenExchangeActions, keep_no_token_of_what_they_print_and_throw) {
  const std::string token = "throw:the-rest-of-a-secret-token";
  EXPECT_EQ(exchange(token).error(), "access_denied");
  const auto failed = world.logs("type:actions_execution_failed");
  ASSERT_EQ(failed.size(), 1u);
  EXPECT_EQ(text_of(failed[0], "description"), "Error: cannot read [redacted]");
  const auto id = failed[0].at("details").at("execution_id");
  EXPECT_THAT(json::write(failed[0]), Not(HasSubstr("secret-token")));
  const auto shown = json::write(world.managed(http::Method::get, "actions/executions/" + std::string(id.as_string())));
  EXPECT_THAT(shown, HasSubstr("[redacted]"));
  EXPECT_THAT(shown, Not(HasSubstr("secret-token")));
}

}  // namespace
}  // namespace segue::test
