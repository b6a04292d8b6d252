// Custom token exchange: what it gives, what the Action is told, and what it may decide (contract §3.4, §8.6; RFC 8693).
#include "support/dpop_key.h"
#include "token_exchange_flow.h"

namespace segue::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

INSTANTIATE_TEST_SUITE_P(EveryEngine, TokenExchangeFlow, ::testing::Values(Engine::sqlite, Engine::postgres),
                         [](const auto& engine) { return engine.param == Engine::sqlite ? "sqlite" : "postgres"; });

TEST_P(TokenExchangeFlow, gives_the_tokens_of_the_user_that_the_action_names) {
  const auto tokens = exchange();
  ASSERT_EQ(tokens.status, 200) << json::write(tokens.body);
  EXPECT_EQ(tokens.text("issued_token_type"), oauth::kAccessTokenType);
  EXPECT_EQ(tokens.text("token_type"), "Bearer");
  EXPECT_EQ(tokens.text("scope"), "openid profile email offline_access read:things");
  const auto access = claims_of(tokens.access_token()), id = claims_of(tokens.text("id_token"));
  EXPECT_EQ(text_of(access, "sub"), ada.user_id);
  EXPECT_EQ(text_of(access, "azp"), app.client_id);
  EXPECT_FALSE(access.contains("gty"));
  EXPECT_FALSE(access.contains("act"));
  EXPECT_EQ(text_of(id, "email"), ada.email);
  EXPECT_EQ(world->refresh(app, tokens.refresh_token()).status, 200);
  const auto row = last_row("secte");
  EXPECT_EQ(text_of(row, "user_id"), ada.user_id);
  EXPECT_EQ(text_of(row, "audience"), kExchangeApi);
  EXPECT_EQ(detail_of(row, "subject_token_type"), kLegacyType);
  EXPECT_FALSE(detail_of(row, "access_token_jti").empty());
  EXPECT_FALSE(detail_of(row, "actions").empty());
  EXPECT_EQ(json::find_integer(stored_user(ada.user_id), "logins_count"), 1);
  expect_no_token_in_rows();
}

TEST_P(TokenExchangeFlow, tells_the_action_what_it_needs_and_nobody_else_the_token) {
  bind(*world, "post-login", {{"Look", "exports.onExecutePostLogin = async () => {};"}});
  ASSERT_EQ(exchange(parameters({{"device", "kiosk"}})).status, 200);
  ASSERT_EQ(runner.calls.size(), 2u);
  const auto login = runner.calls.back();
  EXPECT_EQ(login.trigger, "post-login");
  EXPECT_EQ(runner.in_event("transaction.protocol"), "oauth2-token-exchange");
  EXPECT_EQ(runner.in_event("user.user_id"), ada.user_id);
  EXPECT_THAT(json::write(login.event), Not(HasSubstr(kLegacyToken)));
  runner.calls.pop_back();
  EXPECT_EQ(runner.calls.back().function, "onExecuteCustomTokenExchange");
  EXPECT_EQ(runner.in_event("transaction.subject_token"), kLegacyToken);
  EXPECT_EQ(runner.in_event("transaction.subject_token_type"), kLegacyType);
  EXPECT_EQ(runner.in_event("transaction.requested_token_type"), oauth::kAccessTokenType);
  EXPECT_EQ(runner.in_event("transaction.requested_scopes"), R"(["openid","profile","email","offline_access","read:things"])");
  EXPECT_EQ(runner.in_event("resource_server.identifier"), kExchangeApi);
  EXPECT_EQ(runner.in_event("client.client_id"), app.client_id);
  EXPECT_EQ(runner.in_event("request.body.device"), "kiosk");
  EXPECT_EQ(runner.in_event("request.body.client_secret"), "");
  EXPECT_EQ(runner.in_event("request.method"), "POST");
}

TEST_P(TokenExchangeFlow, creates_a_user_with_the_sign_in) {
  exchange_commands = with(by_connection({{"user_id", "7"}, {"email", "new@example.com"}, {"email_verified", true}}),
                           {"user.setAppMetadata", {"from", "legacy"}});
  const auto tokens = exchange();
  ASSERT_EQ(tokens.status, 200) << json::write(tokens.body);
  EXPECT_EQ(text_of(claims_of(tokens.access_token()), "sub"), "auth0|7");
  EXPECT_EQ(text_of(claims_of(tokens.text("id_token")), "email"), "new@example.com");
  const auto user = stored_user("auth0|7");
  EXPECT_EQ(json::find_bool(user, "email_verified"), true);
  EXPECT_EQ(json::write(*json::find(user, "app_metadata")), R"({"from":"legacy"})");
  EXPECT_EQ(json::find_integer(user, "logins_count"), 1);
  // Whoever comes again is the same user, as they were stored.
  exchange_commands = by_connection({{"user_id", "7"}, {"email", "other@example.com"}});
  EXPECT_EQ(text_of(claims_of(exchange().text("id_token")), "email"), "new@example.com");
  EXPECT_EQ(count_users(), 2);
  EXPECT_EQ(text_of(world->password_tokens(app, {"", "new@example.com", "Any-password-1"}).body, "error"), "unauthorized_client");
}

TEST_P(TokenExchangeFlow, replaces_what_is_said_of_a_user_only_when_told_to) {
  const auto id = ada.user_id.substr(ada.user_id.find('|') + 1);
  exchange_commands = by_connection({{"user_id", id}, {"name", "Ada King"}}, "none", "none");
  ASSERT_EQ(exchange().status, 200);
  EXPECT_NE(text_of(stored_user(ada.user_id), "name"), "Ada King");
  exchange_commands = by_connection({{"user_id", id}, {"name", "Ada King"}}, "none", "replace");
  const auto tokens = exchange();
  EXPECT_EQ(text_of(claims_of(tokens.text("id_token")), "name"), "Ada King");
  EXPECT_EQ(text_of(stored_user(ada.user_id), "name"), "Ada King");
  EXPECT_EQ(text_of(stored_user(ada.user_id), "email"), ada.email);
}

TEST_P(TokenExchangeFlow, gives_the_tokens_of_the_user_that_a_named_identity_is_linked_to) {
  const auto bea = world->create_user("bea@example.com");
  const auto id = bea.user_id.substr(bea.user_id.find('|') + 1);
  world->managed(http::Method::post, "users/" + base::percent_encode(ada.user_id) + "/identities",
                 {{"provider", "auth0"}, {"user_id", id}});
  exchange_commands = by_connection({{"user_id", id}, {"name", "Bea King"}}, "create_if_not_exists", "replace");
  exchange_commands.push_back({"user.setUserMetadata", {"color", "red"}});
  const auto tokens = exchange();
  ASSERT_EQ(tokens.status, 200) << json::write(tokens.body);
  EXPECT_EQ(claims_of(tokens.text("id_token")).at("sub"), json::value(ada.user_id));
  const auto stored = stored_user(ada.user_id);
  EXPECT_NE(text_of(stored, "name"), "Bea King") << "what is said of the identity is the identity's";
  EXPECT_EQ(stored.at("identities").at(1).at("profileData").at("name"), "Bea King");
  EXPECT_EQ(stored.at("user_metadata").at("color"), "red");
  world->managed(http::Method::patch, "users/" + base::percent_encode(ada.user_id), {{"blocked", true}});
  EXPECT_EQ(exchange().error(), "unauthorized");
  exchange_commands = by_id(bea.user_id);
  EXPECT_EQ(exchange().status, 400) << "it is no user";
  EXPECT_EQ(count_users(), 1);
}

TEST_P(TokenExchangeFlow, gives_no_permission_that_the_user_does_not_have) {
  const auto api = "resource-servers/" + base::percent_encode(kExchangeApi);
  world->managed(http::Method::patch, api, {{"enforce_policies", true}, {"token_dialect", "access_token_authz"}});
  const auto without = exchange();
  ASSERT_EQ(without.status, 200);
  EXPECT_EQ(without.text("scope").find("read:things"), std::string::npos);
  EXPECT_TRUE(claims_of(without.access_token()).at("permissions").as_array().empty());
  world->managed(http::Method::post, "users/" + base::percent_encode(ada.user_id) + "/permissions",
                 {{"permissions",
                   json::array{json::object{{"resource_server_identifier", kExchangeApi}, {"permission_name", "read:things"}}}}});
  const auto with_it = exchange();
  EXPECT_NE(with_it.text("scope").find("read:things"), std::string::npos);
  EXPECT_EQ(claims_of(with_it.access_token()).at("permissions"), (json::array{"read:things"}));
}

TEST_P(TokenExchangeFlow, runs_post_login_actions_which_may_refuse_and_leave_nothing) {
  bind(*world, "post-login", {{"Gate", "exports.onExecutePostLogin = async () => {};"}});
  exchange_commands = by_connection({{"user_id", "7"}, {"email", "new@example.com"}});
  post_login_commands = {{"access.deny", {"Not today."}}};
  const auto refused = exchange();
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.error(), "access_denied");
  EXPECT_EQ(refused.text("error_description"), "Not today.");
  EXPECT_EQ(count_users(), 1);
  EXPECT_EQ(text_of(last_row("fecte"), "description"), "Not today.");
  EXPECT_TRUE(rows("secte").empty());

  post_login_commands = {{"accessToken.setCustomClaim", {"https://example.com/tier", "gold"}},
                         {"user.setUserMetadata", {"color", "red"}}};
  const auto tokens = exchange();
  EXPECT_EQ(text_of(claims_of(tokens.access_token()), "https://example.com/tier"), "gold");
  EXPECT_EQ(json::write(*json::find(stored_user("auth0|7"), "user_metadata")), R"({"color":"red"})");
}

TEST_P(TokenExchangeFlow, lets_its_refresh_token_open_the_web_as_one_of_a_password_does) {
  const auto tokens = exchange();
  const auto transfer = world->exchange(app, tokens.refresh_token());
  EXPECT_EQ(transfer.status, 200) << json::write(transfer.body);
  EXPECT_EQ(transfer.text("issued_token_type"), "urn:auth0:params:oauth:token-type:session_transfer_token");
}

TEST_P(TokenExchangeFlow, binds_tokens_to_a_key) {
  const DpopKey key;
  auto request = form_request("/oauth/token", form());
  request.headers.add("dpop", key.proof("POST", "https://tenant.example/oauth/token", world->clock.now()));
  const auto tokens = object_of(world->send(std::move(request)));
  EXPECT_EQ(text_of(tokens, "token_type"), "DPoP") << json::write(tokens);
  EXPECT_EQ(text_of(claims_of(text_of(tokens, "access_token")).at("cnf").get_object(), "jkt"), key.thumbprint());
}

// --- Actors ---

TEST_P(TokenExchangeFlow, says_in_every_token_who_acts_and_gives_no_refresh_token_then) {
  const json::object actor{{"sub", "agent@acme"}, {"tool", "support"}};
  exchange_commands = with(by_id(ada.user_id), {"authentication.setActor", {actor}});
  const auto tokens = exchange();
  ASSERT_EQ(tokens.status, 200) << json::write(tokens.body);
  EXPECT_EQ(claims_of(tokens.access_token()).at("act"), json::value(actor));
  EXPECT_EQ(claims_of(tokens.text("id_token")).at("act"), json::value(actor));
  EXPECT_EQ(tokens.refresh_token(), "");
  EXPECT_THAT(tokens.text("scope"), Not(HasSubstr("offline_access")));
  auto request = request_for(http::Method::get, "/userinfo");
  request.headers.add("authorization", "Bearer " + tokens.access_token());
  EXPECT_EQ(object_of(world->send(std::move(request))).at("act"), json::value(actor));
  EXPECT_THAT(detail_of(last_row("secte"), "actor"), HasSubstr("agent@acme"));
}

TEST_P(TokenExchangeFlow, checks_an_actor_token_that_is_an_id_token_of_the_tenant) {
  const auto agent = world->create_user("agent@example.com");
  exchange_commands = by_id(agent.user_id);
  const auto id_token = exchange().text("id_token");
  exchange_commands = by_id(ada.user_id);
  const auto with_actor = [&](const std::string& token) {
    return parameters({{"actor_token", token}, {"actor_token_type", std::string(oauth::kIdTokenType)}});
  };
  const auto tokens = exchange(with_actor(id_token));
  ASSERT_EQ(tokens.status, 200) << json::write(tokens.body);
  EXPECT_EQ(tokens.refresh_token(), "");
  EXPECT_EQ(runner.in_event("transaction.actor_token_user.user_id"), agent.user_id);
  EXPECT_EQ(runner.in_event("transaction.actor_token"), id_token);
  const auto told = runner.calls.size();

  EXPECT_THAT(exchange(with_actor(id_token.substr(0, id_token.size() - 8) + "AAAAAAAA")).text("error_description"),
              HasSubstr("actor_token is not an ID token"));
  world->managed(http::Method::patch, "users/" + base::percent_encode(agent.user_id), json::object{{"blocked", true}});
  EXPECT_THAT(exchange(with_actor(id_token)).text("error_description"), HasSubstr("does not exist or is blocked"));
  world->clock.advance(36001s);
  EXPECT_THAT(exchange(with_actor(id_token)).text("error_description"), HasSubstr("has expired"));
  EXPECT_EQ(runner.calls.size(), told) << "no Action ran";
  expect_no_token_in_rows(id_token);
}

TEST_P(TokenExchangeFlow, leaves_actor_tokens_of_other_types_to_the_action) {
  const auto tokens = exchange(parameters({{"actor_token", "an-opaque-actor"}, {"actor_token_type", "urn:acme:actor"}}));
  EXPECT_EQ(tokens.status, 200);
  EXPECT_EQ(tokens.refresh_token(), "");
  EXPECT_EQ(runner.in_event("transaction.actor_token"), "an-opaque-actor");
  EXPECT_EQ(runner.in_event("transaction.actor_token_user"), "");
}

// --- Organizations ---

TEST_P(TokenExchangeFlow, is_for_an_organization_by_request_or_by_action) {
  const auto found = world->managed(http::Method::get, std::string("connections?name=") + kPasswordRealm);
  const auto connection_id = text_of(found.as_array().at(0).as_object(), "id");
  const auto organization = [&](const std::string& name, bool joins) {
    const json::object connection{{"connection_id", connection_id}, {"assign_membership_on_login", joins}};
    return text_of(world
                       ->managed(http::Method::post, "organizations",
                                 json::object{{"name", name}, {"enabled_connections", json::array{connection}}})
                       .as_object(),
                   "id");
  };
  const auto closed = organization("closed", false), open = organization("open", true);

  const auto refused = exchange(parameters({{"organization", closed}}));
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.text("error_description"), "user is not part of the " + closed + " organization");
  world->manage(http::Method::post, "organizations/" + closed + "/members", json::object{{"members", json::array{ada.user_id}}});
  EXPECT_EQ(text_of(claims_of(exchange(parameters({{"organization", closed}})).access_token()), "org_id"), closed);
  EXPECT_EQ(runner.in_event("organization.name"), "closed");

  exchange_commands =
      with(by_connection({{"user_id", "7"}, {"email", "new@example.com"}}), {"authentication.setOrganization", {"closed"}});
  EXPECT_EQ(exchange().status, 403);
  EXPECT_EQ(count_users(), 1) << "who may not act in it is not created either";
  exchange_commands.front().arguments = {"open"};
  EXPECT_EQ(text_of(claims_of(exchange().text("id_token")), "org_id"), open);
  EXPECT_EQ(text_of(last_row("organization_member_added"), "user_id"), "auth0|7");
  exchange_commands.front().arguments = {"nobody"};
  EXPECT_THAT(exchange().text("error_description"), HasSubstr("names no organization"));
}

}  // namespace
}  // namespace segue::test
