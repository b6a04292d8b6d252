// What every story of a token exchange begins with: an application that may, an API, a profile, and an Action that answers.
#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "oauth/token_exchange/exchange_request.h"
#include "store/token_exchange_profiles.h"
#include "store/users.h"
#include "support/actions.h"
#include "support/handoff.h"

namespace segue::test {

inline constexpr const char* kLegacyType = "urn:acme:legacy";
inline constexpr const char* kLegacyToken = "legacy-token-of-ada-0123456789abcdef";
inline constexpr const char* kExchangeApi = "https://api.example";

class TokenExchangeFlow : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    if (GetParam() == Engine::postgres && !FreshDatabase::server_url()) GTEST_SKIP() << "no PostgreSQL";
    WorldOptions options;
    options.engine = GetParam();
    options.run_actions = runner.run();
    world = std::make_unique<World>(options);
    // Each trigger answers with what the test wants of it.
    runner.answer = [this](const actions::Invocation& invocation) {
      actions::Outcome out{.status = actions::Status::ok};
      const bool is_exchange = invocation.trigger == "custom-token-exchange";
      out.results.push_back({.version_id = invocation.actions.front().version_id,
                             .ok = true,
                             .commands = is_exchange ? exchange_commands : post_login_commands});
      return out;
    };
    add_profile(kLegacyType);
    world->managed(http::Method::post, "resource-servers",
                   json::object{{"identifier", kExchangeApi},
                                {"name", "API"},
                                {"allow_offline_access", true},
                                {"scopes", json::array{json::object{{"value", "read:things"}}}}});
    app = create_app();
    ada = world->create_user();
    exchange_commands = by_id(ada.user_id);
  }

  Client create_app(json::object more = {}) {
    json::object fields{{"name", "app"},
                        {"app_type", "regular_web"},
                        {"organization_usage", "allow"},
                        {"grant_types", json::array{"refresh_token", oauth::kTokenExchangeGrant}},
                        {"session_transfer", json::object{{"can_create_session_transfer_token", true}}},
                        {"token_exchange", json::object{{"allow_any_profile_of_type", json::array{"custom_authentication"}}}}};
    for (const auto& member : more) fields[member.key()] = member.value();
    return world->create_client(fields);
  }

  void add_profile(const std::string& type) {
    auto& tenants = world->node().product().tenants();
    tenants.change(world->tenant(), [&](const store::Writer& w) {
      model::Action action;
      action.action_id = "exchange-of-" + type;
      action.name = "Exchange of " + type;
      action.trigger_id = "custom-token-exchange";
      action.draft.code = "exports.onExecuteCustomTokenExchange = async () => {};";
      action.draft.runtime = "node22";
      action.created_at = action.updated_at = world->clock.now();
      store::actions::insert(w, action);
      store::actions::deploy(w, {.action_id = action.action_id,
                                 .version_id = "version-of-" + type,
                                 .number = 1,
                                 .source = action.draft,
                                 .created_at = world->clock.now()});
      store::token_exchange_profiles::insert(w, {.profile_id = "tep_" + type,
                                                 .name = "legacy tokens",
                                                 .subject_token_type = type,
                                                 .action_id = action.action_id,
                                                 .created_at = world->clock.now(),
                                                 .updated_at = world->clock.now()});
      return true;
    });
  }

  using Commands = std::vector<actions::Command>;
  static Commands by_id(const std::string& user_id) { return {{"authentication.setUserById", {user_id}}}; }
  static Commands by_connection(const json::object& attributes, std::string_view creation = "create_if_not_exists",
                                std::string_view update = "none", std::string_view connection = kPasswordRealm) {
    return {{"authentication.setUserByConnection",
             {connection, attributes, json::object{{"creationBehavior", creation}, {"updateBehavior", update}}}}};
  }
  // With what the Action does besides.
  static Commands with(Commands commands, actions::Command more) {
    commands.insert(commands.begin(), std::move(more));
    return commands;
  }

  http::Parameters form(const http::Parameters& more = {}) const {
    auto out = parameters({{"grant_type", std::string(oauth::kTokenExchangeGrant)},
                           {"client_id", app.client_id},
                           {"client_secret", app.client_secret},
                           {"subject_token", kLegacyToken},
                           {"subject_token_type", kLegacyType},
                           {"scope", "openid profile email offline_access read:things"},
                           {"audience", kExchangeApi}});
    http::Parameters replaced = more;
    const auto is_said = [&](const std::string& name) {
      return std::any_of(more.pairs().begin(), more.pairs().end(), [&](const auto& pair) { return pair.first == name; });
    };
    for (const auto& [name, value] : out.pairs()) {
      if (!is_said(name)) replaced.add(name, value);
    }
    return replaced;
  }
  Tokens exchange(const http::Parameters& more = {}, Node* at = nullptr) { return world->token_request(form(more), at); }

  std::vector<json::object> rows(const std::string& type) { return world->logs("type:" + type); }
  json::object last_row(const std::string& type) {
    const auto found = rows(type);
    EXPECT_FALSE(found.empty()) << type;
    return found.empty() ? json::object{} : found.front();
  }
  json::object stored_user(const std::string& user_id) {
    return object_of(world->manage(http::Method::get, "users/" + base::percent_encode(user_id)));
  }
  std::int64_t count_users() {
    return world->node().product().store().read(world->tenant(), [](const store::Reader& r) { return store::users::count(r); });
  }
  std::size_t count_refresh_tokens(const std::string& user_id) {
    return world->managed(http::Method::get, "users/" + base::percent_encode(user_id) + "/refresh-tokens")
        .at("tokens")
        .get_array()
        .size();
  }
  // No row of the tenant log, however it came about, holds a token.
  void expect_no_token_in_rows(const std::string& token = kLegacyToken) {
    for (const auto& row : world->logs()) EXPECT_EQ(json::write(row).find(token), std::string::npos) << json::write(row);
  }

  FakeRunner runner;
  std::unique_ptr<World> world;
  Client app;
  User ada;
  Commands exchange_commands, post_login_commands;
};

}  // namespace segue::test
