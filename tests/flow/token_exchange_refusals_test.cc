// What a token exchange refuses, and what a refusal leaves: a row, and nothing else (contract §3.4; design §8.5).
#include <barrier>
#include <thread>

#include "protection/subject_token_throttle.h"
#include "token_exchange_flow.h"

namespace segue::test {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

struct TokenExchangeRefusals : TokenExchangeFlow {
  // Refused so, with a row that says so, and nobody new or changed.
  void expect_refused(const Tokens& tokens, int status, const std::string& error, const std::string& description) {
    EXPECT_EQ(tokens.status, status) << json::write(tokens.body);
    EXPECT_EQ(tokens.error(), error);
    EXPECT_THAT(tokens.text("error_description"), HasSubstr(description));
    const auto row = last_row("fecte");
    EXPECT_THAT(text_of(row, "description"), HasSubstr(description));
    EXPECT_EQ(text_of(row, "client_id"), app.client_id);
    EXPECT_TRUE(rows("secte").empty());
    EXPECT_EQ(count_users(), 1);
    EXPECT_FALSE(json::find_integer(stored_user(ada.user_id), "logins_count"));
    EXPECT_EQ(count_refresh_tokens(ada.user_id), 0u);
  }
  void expect_action_refused(Commands commands, int status, const std::string& error, const std::string& description) {
    exchange_commands = std::move(commands);
    expect_refused(exchange(), status, error, description);
  }
  std::string id_in_connection() { return ada.user_id.substr(ada.user_id.find('|') + 1); }
};
INSTANTIATE_TEST_SUITE_P(EveryEngine, TokenExchangeRefusals, ::testing::Values(Engine::sqlite, Engine::postgres),
                         [](const auto& engine) { return engine.param == Engine::sqlite ? "sqlite" : "postgres"; });

TEST_P(TokenExchangeRefusals, of_requests_run_no_action) {
  expect_refused(exchange(parameters({{"subject_token", ""}})), 400, "invalid_request",
                 "Missing required parameter: subject_token");
  expect_refused(exchange(parameters({{"subject_token_type", "urn:ietf:params:oauth:token-type:access_token"}})), 400,
                 "invalid_request", "Only custom token exchange is served here");
  expect_refused(exchange(parameters({{"subject_token_type", "http://auth0.com/oauth/token-type/google-id-token"}})), 400,
                 "invalid_request", "none of this tenant's token exchange profiles");
  expect_refused(exchange(parameters({{"audience", kTransferUrn}})), 400, "invalid_request", "no delegated sessions here");
  expect_refused(exchange(parameters({{"audience", "urn:elsewhere.example:session_transfer"}})), 400, "invalid_request",
                 "no delegated sessions here");
  expect_refused(exchange(parameters({{"audience", "https://unknown.example"}})), 403, "access_denied",
                 "Service not enabled within domain");
  expect_refused(exchange(parameters({{"organization", "org_unknown"}})), 400, "invalid_request", "names no organization");
  expect_refused(exchange(parameters({{"subject_token", std::string(33 * 1024, 'x')}})), 400, "invalid_request", "longer than");
  EXPECT_TRUE(runner.calls.empty());
}

TEST_P(TokenExchangeRefusals, of_bodies_that_say_a_thing_twice_or_as_another_type) {
  auto twice = form();
  twice.add("subject_token", "another");
  EXPECT_THAT(world->token_request(twice).text("error_description"), HasSubstr("subject_token is present more than once"));
  json::object body;
  const auto once = form();
  for (const auto& [name, value] : once.pairs()) body[name] = value;
  body["subject_token"] = json::object{{"jwt", "x"}};
  const auto answer = world->send(json_request(http::Method::post, "/oauth/token", body));
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("The parameter subject_token must be a string."));
  EXPECT_TRUE(runner.calls.empty());
}

TEST_P(TokenExchangeRefusals, of_applications_that_may_not) {
  app = create_app({{"token_exchange", json::object{{"allow_any_profile_of_type", json::array{}}}}});
  expect_refused(exchange(), 403, "unauthorized_client", "Custom token exchange is not allowed for the client");
  app = create_app({{"grant_types", json::array{"authorization_code"}},
                    {"token_exchange", json::object{{"allow_any_profile_of_type", json::array{}}}}});
  expect_refused(exchange(), 403, "unauthorized_client", "not allowed for the client");
  EXPECT_EQ(world
                ->manage(http::Method::patch, "clients/" + create_app().client_id,
                         json::object{{"is_first_party", false}, {"session_transfer", nullptr}})
                .status,
            400)
      << "a third-party application cannot be allowed to";
  EXPECT_TRUE(runner.calls.empty());
}

TEST_P(TokenExchangeRefusals, by_the_action_say_what_it_says) {
  expect_action_refused(with(by_id(ada.user_id), {"access.deny", {"Unauthorized_login", "Wrong department."}}), 400,
                        "Unauthorized_login", "Wrong department.");
  expect_action_refused({{"access.deny", {"server_error", "The directory is down."}}}, 500, "server_error",
                        "The directory is down.");
  expect_action_refused({{"access.deny", {"two\nlines", "No."}}}, 403, "access_denied", "No.");
  expect_action_refused({{"access.rejectInvalidSubjectToken", {"Bad signature."}}}, 400, "invalid_request", "Bad signature.");
  // What it repeats of the token stays out of the log.
  expect_action_refused({{"access.deny", {"invalid_request", std::string("No: ") + kLegacyToken}}}, 400, "invalid_request",
                        "No: ");
  expect_no_token_in_rows();
}

TEST_P(TokenExchangeRefusals, of_actions_that_name_nobody_or_somebody_twice) {
  expect_action_refused({}, 400, "invalid_request", "named no user");
  auto both = by_connection({{"user_id", "7"}, {"email", "new@example.com"}});
  both.push_back({"authentication.setUserById", {ada.user_id}});
  expect_action_refused(both, 400, "invalid_request", "more than once");
}

TEST_P(TokenExchangeRefusals, of_users_who_cannot_sign_in) {
  expect_action_refused(by_id("auth0|nobody"), 400, "invalid_request", "named a user who does not exist");
  expect_action_refused(by_connection({{"user_id", "7"}, {"email", "new@example.com"}}, "none"), 400, "invalid_request",
                        "named a user who does not exist");
  expect_action_refused(by_connection({{"user_id", "7"}, {"email", ada.email}}), 400, "invalid_request", "is another user's");
  expect_action_refused(by_connection({{"user_id", "7"}, {"email", "nonsense"}}), 400, "invalid_request", "is no e-mail address");
  expect_action_refused(by_connection({{"user_id", "7"}, {"email", "new@example.com"}}, "create_if_not_exists", "none", "none"),
                        400, "invalid_request", "no database connection of this tenant");
  Commands large = by_connection({{"user_id", "7"}, {"email", "new@example.com"}});
  for (int k = 0; k < 3; ++k) large.push_back({"user.setUserMetadata", {"k" + std::to_string(k), std::string(12 * 1024, 'x')}});
  expect_action_refused(large, 400, "invalid_request", "user_metadata: it is larger than 32 kB");
  world->managed(http::Method::patch, "users/" + base::percent_encode(ada.user_id), json::object{{"blocked", true}});
  expect_action_refused(by_id(ada.user_id), 403, "unauthorized", "user is blocked");
}

TEST_P(TokenExchangeRefusals, of_a_user_of_another_tenant_or_of_another_connection) {
  world->add_tenant("other.example");
  const auto other = world->node().product().tenants().resolve("other.example")->tenant;
  world->node().product().store().write(other, [&](const store::Writer& w) {
    model::User user;
    user.user_id = "auth0|theirs";
    user.connection_id = "con_theirs";
    user.email = "theirs@example.com";
    store::users::insert(w, user);
    return true;
  });
  expect_action_refused(by_id("auth0|theirs"), 400, "invalid_request", "named a user who does not exist");

  const auto made =
      world->managed(http::Method::post, "connections",
                     json::object{{"name", "second"}, {"strategy", "auth0"}, {"enabled_clients", json::array{app.client_id}}});
  EXPECT_FALSE(text_of(made.as_object(), "id").empty());
  const json::object attributes{{"user_id", id_in_connection()}, {"email", "new@example.com"}};
  expect_action_refused(by_connection(attributes, "create_if_not_exists", "replace", "second"), 400, "invalid_request",
                        "is a user's of another connection");
}

TEST_P(TokenExchangeRefusals, of_a_connection_that_is_not_enabled_for_the_application) {
  const auto found = world->managed(http::Method::get, std::string("connections?name=") + kPasswordRealm);
  const auto connection_id = text_of(found.as_array().at(0).as_object(), "id");
  world->managed(http::Method::patch, "connections/" + connection_id + "/clients",
                 json::array{json::object{{"client_id", app.client_id}, {"status", false}}});
  expect_action_refused(by_connection({{"user_id", "7"}, {"email", "new@example.com"}}), 400, "invalid_request",
                        "is not enabled for this client");
  expect_action_refused(by_id(ada.user_id), 400, "invalid_request", "is not enabled for this client");
}

TEST_P(TokenExchangeRefusals, when_the_action_fails_or_cannot_run) {
  runner.answer = [](const actions::Invocation& invocation) {
    actions::Outcome out{.status = actions::Status::thrown};
    out.results.push_back({.version_id = invocation.actions.front().version_id,
                           .thrown = {"SyntaxError", std::string(kLegacyToken).substr(0, 20) + "… is not valid JSON", ""},
                           .log = kLegacyToken});
    return out;
  };
  expect_refused(exchange(), 403, "access_denied", "The sign-in could not be completed.");
  EXPECT_EQ(text_of(last_row("actions_execution_failed"), "description"), "SyntaxError: [redacted]… is not valid JSON");
  const auto execution = last_row("fecte").at("details").at("actions").at("executions").at(0);
  const auto shown = json::write(world->managed(http::Method::get, "actions/executions/" + std::string(execution.as_string())));
  EXPECT_EQ(shown.find(kLegacyToken), std::string::npos) << shown;
  EXPECT_THAT(shown, HasSubstr("[redacted]"));

  for (const auto status : {actions::Status::unavailable, actions::Status::timed_out}) {
    runner.answer = [status](const actions::Invocation&) { return actions::Outcome{.status = status, .reason = "slow"}; };
    const bool is_unavailable = status == actions::Status::unavailable;
    expect_refused(exchange(), is_unavailable ? 503 : 403, is_unavailable ? "temporarily_unavailable" : "access_denied",
                   "The sign-in could not be");
  }
  expect_no_token_in_rows();
}

TEST_P(TokenExchangeRefusals, follow_ten_invalid_subject_tokens_of_an_address) {
  const auto good = exchange_commands;
  exchange_commands = {{"access.rejectInvalidSubjectToken", {"Bad signature."}}};
  for (int k = 0; k < 10; ++k) EXPECT_EQ(exchange().text("error_description"), "Bad signature.");
  exchange_commands = good;
  const auto told = runner.calls.size();
  expect_refused(exchange(), 429, "too_many_attempts",
                 "We have detected suspicious login behavior and further attempts will be blocked. Please contact the "
                 "administrator.");
  EXPECT_EQ(runner.calls.size(), told) << "no Action ran";
  EXPECT_EQ(detail_of(last_row("limit_mu"), "flow"), "custom-token-exchange");
  world->clock.advance(10min);
  EXPECT_EQ(exchange().status, 200);
  // A denial is no wrong token, however often.
  exchange_commands = {{"access.deny", {"nope", "No."}}};
  for (int k = 0; k < 12; ++k) EXPECT_EQ(exchange().error(), "nope");
}

TEST_P(TokenExchangeRefusals, meet_what_was_under_way_when_the_address_was_blocked) {
  runner.answer = [&](const actions::Invocation& invocation) {
    // While this Action runs, others use the address up.
    world->node().product().store().write(world->tenant(), [&](const store::Writer& w) {
      for (int k = 0; k < 10; ++k) protection::count_invalid_subject_token(w, "192.0.2.7", world->clock.now());
      return true;
    });
    actions::Outcome out{.status = actions::Status::ok};
    out.results.push_back({.version_id = invocation.actions.front().version_id,
                           .ok = true,
                           .commands = by_connection({{"user_id", "7"}, {"email", "new@example.com"}})});
    return out;
  };
  expect_refused(exchange(), 429, "too_many_attempts", "suspicious login behavior");
}

// --- At once ---

TEST_P(TokenExchangeRefusals, do_not_meet_many_that_create_the_same_user_at_once) {
  constexpr int kParallel = 16;
  exchange_commands = by_connection({{"user_id", "7"}, {"email", "new@example.com"}}, "create_if_not_exists", "replace");
  std::vector<Node*> nodes{&world->node(), &world->add_node()};
  std::vector<Tokens> answers(kParallel);
  std::barrier start(kParallel);
  std::vector<std::thread> threads;
  for (int k = 0; k < kParallel; ++k) {
    threads.emplace_back([&, k] {
      start.arrive_and_wait();
      answers[static_cast<std::size_t>(k)] = exchange({}, nodes[static_cast<std::size_t>(k) % 2]);
    });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& answer : answers) {
    EXPECT_EQ(answer.status, 200) << json::write(answer.body);
    EXPECT_EQ(text_of(claims_of(answer.access_token()), "sub"), "auth0|7");
  }
  EXPECT_EQ(count_users(), 2);
  EXPECT_EQ(json::find_integer(stored_user("auth0|7"), "logins_count"), kParallel);
}

}  // namespace
}  // namespace segue::test
