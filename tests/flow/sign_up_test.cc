// POST /dbconnections/signup: what it takes, what it answers word for word, and the Actions around it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "store/deferred_runs.h"
#include "store/users.h"
#include "support/actions.h"
#include "support/world.h"

namespace segue::test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct SignUp : ::testing::Test {
  FakeRunner runner;
  World world{{.run_actions = runner.run()}};
  Client app = world.native_client();

  json::object body(json::object more = {}) {
    json::object out{{"client_id", app.client_id},
                     {"connection", kPasswordRealm},
                     {"email", "Grace@Example.com"},
                     {"password", "Correct-horse-7"}};
    for (const auto& member : more) out[member.key()] = member.value();
    return out;
  }
  http::Response sign_up(json::object more = {}) {
    return world.send(json_request(http::Method::post, "/dbconnections/signup", body(std::move(more))));
  }
  // Anything of a value but null removes the member.
  http::Response sign_up_without(std::string_view name) {
    auto sent = body();
    sent.erase(name);
    return world.send(json_request(http::Method::post, "/dbconnections/signup", sent));
  }
  void set_options(json::object options) {
    const auto list = world.managed(http::Method::get, "connections").as_array();
    const auto& connection = list.front().get_object();
    auto changed = *json::find_object(connection, "options");
    for (const auto& member : options) changed[member.key()] = member.value();
    world.managed(http::Method::patch, "connections/" + *json::find_string(connection, "id"), json::object{{"options", changed}});
  }
  std::optional<model::User> stored(const std::string& email = "grace@example.com") {
    const auto found = world.managed(http::Method::get, "users-by-email?email=" + email).as_array();
    if (found.empty()) return std::nullopt;
    const auto user_id = *json::find_string(found.front().get_object(), "user_id");
    return world.node().product().store().read(world.tenant(),
                                               [&](const store::Reader& r) { return store::users::find(r, user_id); });
  }
  std::string text(const http::Response& response, std::string_view name) {
    return json::find_string(object_of(response), name).value_or("");
  }
  std::string fs_text() {
    const auto rows = world.logs("type:fs");
    return rows.empty() ? "(no row)" : json::find_string(rows.front(), "description").value_or("");
  }
};

TEST_F(SignUp, makes_a_user_who_can_sign_in) {
  const auto response = sign_up({{"given_name", "Grace"}, {"user_metadata", json::object{{"color", "red"}}}});
  ASSERT_EQ(response.status, 200) << response.body;
  const auto id = text(response, "_id");
  EXPECT_EQ(id.size(), 24u);
  EXPECT_EQ(response.body, R"({"_id":")" + id + R"(","email":"Grace@Example.com","email_verified":false,"given_name":"Grace",)" +
                               R"("user_metadata":{"color":"red"}})");
  EXPECT_EQ(response.headers.find("cache-control"), "no-store");
  const auto user = world.managed(http::Method::get, "users/auth0|" + id).as_object();
  EXPECT_EQ(json::find_string(user, "name"), "Grace@Example.com");
  EXPECT_EQ(json::find_string(user, "nickname"), "Grace");
  EXPECT_EQ(world.password_tokens(app, {.user_id = "", .email = "grace@example.com", .password = "Correct-horse-7"}).status, 200);
  const auto rows = world.logs("type:ss");
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_EQ(json::find_string(rows.front(), "user_id"), "auth0|" + id);
  EXPECT_EQ(json::write(rows.front()).find("Correct-horse"), std::string::npos);
}

TEST_F(SignUp, takes_a_form_as_well) {
  const auto response = world.send(form_request("/dbconnections/signup", parameters({{"client_id", app.client_id},
                                                                                     {"connection", kPasswordRealm},
                                                                                     {"email", "grace@example.com"},
                                                                                     {"password", "Correct-horse-7"},
                                                                                     {"user_metadata[color]", "red"}})));
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_THAT(response.body, HasSubstr(R"("user_metadata":{"color":"red"})"));
}

TEST_F(SignUp, ignores_what_it_does_not_know_and_stores_none_of_it) {
  ASSERT_EQ(
      sign_up({{"blocked", true}, {"email_verified", true}, {"app_metadata", json::object{{"role", "admin"}}}, {"username", "g"}})
          .status,
      200);
  const auto user = stored();
  EXPECT_FALSE(user->email_verified);
  EXPECT_TRUE(user->username.empty());
  EXPECT_EQ(json::find(user->profile, "app_metadata"), nullptr);
}

TEST_F(SignUp, does_not_tell_that_a_user_exists_unless_the_tenant_says_so) {
  ASSERT_EQ(sign_up().status, 200);
  const auto refused = sign_up({{"email", "grace@example.com"}});
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.body,
            R"({"name":"BadRequestError","code":"invalid_signup","description":"Invalid sign up","statusCode":400})");
  world.managed(http::Method::patch, "tenants/settings",
                json::object{{"flags", json::object{{"enable_public_signup_user_exists_error", true}}}});
  EXPECT_EQ(sign_up().body,
            R"({"name":"BadRequestError","code":"user_exists","description":"The user already exists.","statusCode":400})");
  EXPECT_EQ(fs_text(), "The user already exists.");
}

TEST_F(SignUp, says_which_rules_a_weak_password_breaks) {
  const auto refused = sign_up({{"password", "short"}});
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(text(refused, "name"), "PasswordStrengthError");
  EXPECT_EQ(text(refused, "code"), "invalid_password");
  EXPECT_EQ(text(refused, "message"), "Password is too weak");
  EXPECT_THAT(text(refused, "policy"), HasSubstr("* At least 8 characters in length\n"));
  EXPECT_THAT(refused.body, HasSubstr(R"("code":"lengthAtLeast","verified":false)"));
  EXPECT_EQ(fs_text(), "Password is too weak");
  EXPECT_FALSE(stored());
}

TEST_F(SignUp, asks_for_a_user_name_where_the_connection_does) {
  set_options({{"requires_username", true}});
  EXPECT_EQ(text(sign_up(), "description"), "Missing required parameter: username");
  EXPECT_THAT(text(sign_up({{"username", "a b"}}), "description"), HasSubstr("without spaces"));
  ASSERT_EQ(text(sign_up({{"username", "grace"}}), "username"), "grace");
  EXPECT_EQ(text(sign_up({{"email", "other@example.com"}, {"username", "GRACE"}}), "code"), "invalid_signup");
  world.managed(http::Method::patch, "tenants/settings",
                json::object{{"flags", json::object{{"enable_public_signup_user_exists_error", true}}}});
  EXPECT_EQ(text(sign_up({{"email", "other@example.com"}, {"username", "GRACE"}}), "code"), "username_exists");
}

TEST_F(SignUp, is_closed_by_the_connection) {
  set_options({{"disable_signup", true}});
  const auto refused = sign_up();
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(text(refused, "error"), "public signup is disabled");
  set_options(
      {{"disable_signup", false},
       {"authentication_methods", json::object{{"password", json::object{{"enabled", true}, {"signup_behavior", "block"}}}}}});
  EXPECT_EQ(text(sign_up(), "error"), "public signup is disabled");
  EXPECT_EQ(fs_text(), "Public signup is disabled");
  EXPECT_FALSE(stored());
}

TEST_F(SignUp, needs_a_client_and_a_connection_that_serves_it) {
  EXPECT_EQ(text(sign_up_without("client_id"), "description"), "Missing required parameter: client_id");
  EXPECT_EQ(text(sign_up({{"client_id", "nobody"}}), "code"), "invalid_request");
  EXPECT_EQ(text(sign_up_without("connection"), "description"), "Missing required parameter: connection");
  EXPECT_EQ(text(sign_up({{"connection", "elsewhere"}}), "code"), "invalid_connection");
  const auto stranger = world.managed(http::Method::post, "clients", json::object{{"name", "stranger"}}).as_object();
  const auto refused = sign_up({{"client_id", *json::find_string(stranger, "client_id")}});
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(text(refused, "error"), "no connection");
}

TEST_F(SignUp, refuses_what_cannot_be_a_user) {
  json::object many;
  for (int k = 0; k < 11; ++k) many["k" + std::to_string(k)] = "v";
  const std::pair<json::object, std::string> cases[] = {
      {{{"email", "nobody"}}, "email: this is no e-mail address"},
      {{{"email", "a@b.co\r\nBcc: all@example.com"}}, "email: this is no e-mail address"},
      {{{"password", ""}}, "Missing required parameter: password"},
      {{{"user_metadata", many}}, "user_metadata: at most 10 properties are taken at a sign-up"},
      {{{"user_metadata", json::object{{"a", 1}}}}, "user_metadata: every property must be a text of at most 500 characters"},
      {{{"user_metadata", json::object{{"a", std::string(501, 'x')}}}},
       "user_metadata: every property must be a text of at most 500 characters"},
      {{{"user_metadata", json::object{{std::string(101, 'x'), "v"}}}},
       "user_metadata: the name of a property has 1 to 100 characters"},
      {{{"user_metadata", "text"}}, "user_metadata must be an object of texts."},
      {{{"given_name", std::string(151, 'x')}}, "given_name: at most 150 characters of one line"},
      {{{"picture", "javascript:alert(1)"}}, "picture: an absolute http or https URL is needed"},
  };
  for (const auto& [more, description] : cases) {
    const auto refused = sign_up(more);
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(text(refused, "description"), description);
  }
  EXPECT_FALSE(stored());
}

TEST_F(SignUp, is_throttled_for_an_address_whatever_it_sends) {
  for (int k = 0; k < 49; ++k) EXPECT_EQ(sign_up({{"password", "short"}}).status, 400);
  EXPECT_EQ(sign_up().status, 200);
  const auto refused = sign_up({{"email", "next@example.com"}});
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(text(refused, "code"), "too_many_attempts");
  EXPECT_THAT(world.logs("type:limit_mu"), ::testing::Not(IsEmpty()));
  world.clock.advance(61s);
  EXPECT_EQ(sign_up({{"email", "next@example.com"}}).status, 200);
}

TEST_F(SignUp, may_be_asked_by_a_script_of_an_origin_that_a_client_declares) {
  world.create_client({{"name", "spa"}, {"app_type", "spa"}, {"allowed_origins", json::array{"https://spa.example"}}});
  auto request = json_request(http::Method::post, "/dbconnections/signup", body());
  request.headers.add("origin", "https://spa.example");
  EXPECT_EQ(world.send(request).headers.find("access-control-allow-origin"), "https://spa.example");
}

TEST_F(SignUp, of_one_address_happens_once_however_many_try_at_once) {
  std::atomic<int> made{0};
  std::vector<std::thread> threads;
  for (int k = 0; k < 24; ++k) threads.emplace_back([&] { made += sign_up().status == 200 ? 1 : 0; });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(made, 1);
}

struct SignUpActions : SignUp {
  void bind_one(std::string_view trigger) { bind(world, trigger, {{"Decide", "exports.f = async () => {};"}}); }
  void with(std::vector<actions::Command> commands) {
    runner.commands = std::move(commands);
    bind_one("pre-user-registration");
  }
  void fail(actions::Status status) {
    runner.answer = [status](const actions::Invocation&) { return actions::Outcome{.status = status, .reason = "broken"}; };
  }
};

TEST_F(SignUpActions, are_told_of_the_sign_up_and_no_password) {
  with({});
  ASSERT_EQ(sign_up({{"given_name", "Grace"}}).status, 200);
  EXPECT_EQ(runner.calls.back().function, "onExecutePreUserRegistration");
  EXPECT_EQ(runner.in_event("user.email"), "Grace@Example.com");
  EXPECT_EQ(runner.in_event("user.given_name"), "Grace");
  EXPECT_EQ(runner.in_event("client.client_id"), app.client_id);
  EXPECT_EQ(runner.in_event("connection.name"), kPasswordRealm);
  EXPECT_EQ(runner.in_event("request.body.connection"), kPasswordRealm);
  EXPECT_EQ(json::write(runner.event()).find("Correct-horse"), std::string::npos);
}

TEST_F(SignUpActions, store_their_metadata_with_the_user) {
  with({{"user.setUserMetadata", {"color", "blue"}}, {"user.setAppMetadata", {"plan", "free"}}});
  const auto response = sign_up({{"user_metadata", json::object{{"size", "m"}}}});
  ASSERT_EQ(response.status, 200);
  const auto user = stored();
  EXPECT_EQ(json::write(*json::find(user->profile, "user_metadata")), R"({"size":"m","color":"blue"})");
  EXPECT_EQ(json::write(*json::find(user->profile, "app_metadata")), R"({"plan":"free"})");
  EXPECT_EQ(response.body.find("plan"), std::string::npos);
}

TEST_F(SignUpActions, refuse_with_a_reason_for_the_log_and_a_message_for_the_person) {
  with({{"user.setAppMetadata", {"plan", "free"}}, {"access.deny", {"domain is on the list", "Use your work address."}}});
  const auto refused = sign_up();
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.body, R"({"name":"ExtensibilityError","code":"extensibility_error","description":"Use your work address.",)"
                          R"("friendly_message":"Use your work address.","statusCode":400})");
  EXPECT_EQ(fs_text(), "domain is on the list");
  EXPECT_FALSE(stored());
}

TEST_F(SignUpActions, refuse_with_a_code_of_their_own) {
  with({{"validation.error", {"bad_invite", "The invitation has expired."}}});
  const auto refused = sign_up();
  EXPECT_EQ(text(refused, "code"), "bad_invite");
  EXPECT_EQ(text(refused, "friendly_message"), "The invitation has expired.");
  EXPECT_FALSE(stored());
}

TEST_F(SignUpActions, that_fail_or_take_too_long_make_no_user) {
  bind_one("pre-user-registration");
  for (const auto status : {actions::Status::timed_out, actions::Status::exited}) {
    fail(status);
    const auto refused = sign_up();
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(refused.body.find("broken"), std::string::npos);
  }
  EXPECT_THAT(world.logs("type:actions_execution_failed"), SizeIs(2));
  fail(actions::Status::unavailable);
  EXPECT_EQ(sign_up().status, 503);
  EXPECT_FALSE(stored());
}

TEST_F(SignUpActions, do_not_run_for_a_user_who_exists_or_a_password_that_is_too_weak) {
  ASSERT_EQ(sign_up().status, 200);
  with({});
  EXPECT_EQ(sign_up().status, 400);
  EXPECT_EQ(sign_up({{"email", "other@example.com"}, {"password", "short"}}).status, 400);
  EXPECT_THAT(runner.calls, IsEmpty());
}

TEST_F(SignUpActions, hear_of_a_new_user_after_the_answer) {
  bind_one("post-user-registration");
  const auto id = text(sign_up(), "_id");
  EXPECT_THAT(runner.calls, IsEmpty());
  world.run_deferred();
  ASSERT_THAT(runner.calls, SizeIs(1));
  EXPECT_EQ(runner.calls.back().function, "onExecutePostUserRegistration");
  EXPECT_EQ(runner.in_event("user.user_id"), "auth0|" + id);
  EXPECT_EQ(runner.in_event("user.email"), "Grace@Example.com");
  EXPECT_EQ(runner.in_event("request.hostname"), kDomain);
  world.run_deferred();
  EXPECT_THAT(runner.calls, SizeIs(1));
}

TEST_F(SignUpActions, after_registration_run_for_users_of_the_management_api_and_those_before_it_do_not) {
  bind_one("pre-user-registration");
  bind_one("post-user-registration");
  world.create_user();
  world.run_deferred();
  ASSERT_THAT(runner.calls, SizeIs(1));
  EXPECT_EQ(runner.calls.back().trigger, "post-user-registration");
}

TEST_F(SignUpActions, after_registration_wait_for_a_process_and_are_told_once_more) {
  bind_one("post-user-registration");
  ASSERT_EQ(sign_up().status, 200);
  fail(actions::Status::unavailable);
  world.run_deferred();
  EXPECT_THAT(runner.calls, SizeIs(1));
  runner.answer = nullptr;
  world.run_deferred();
  EXPECT_THAT(runner.calls, SizeIs(1)) << "it is not due yet";
  world.clock.advance(5s);
  world.run_deferred();
  EXPECT_THAT(runner.calls, SizeIs(2));
}

TEST_F(SignUpActions, after_registration_are_told_again_when_the_worker_died_over_it) {
  bind_one("post-user-registration");
  ASSERT_EQ(sign_up().status, 200);
  // Taken, and never finished.
  ASSERT_TRUE(world.node().product().store().write(world.tenant(), [&](const store::Writer& w) {
    return store::deferred_runs::take(w, world.clock.now(), world.clock.now() + 6min).has_value();
  }));
  world.run_deferred();
  EXPECT_THAT(runner.calls, IsEmpty());
  world.clock.advance(6min);
  world.run_deferred();
  EXPECT_THAT(runner.calls, SizeIs(1));
}

TEST_F(SignUpActions, after_registration_that_throw_are_logged_and_not_repeated) {
  bind_one("post-user-registration");
  const auto response = sign_up();
  fail(actions::Status::timed_out);
  world.run_deferred();
  world.clock.advance(24h);
  world.run_deferred();
  EXPECT_THAT(runner.calls, SizeIs(1));
  const auto rows = world.logs("type:actions_execution_failed");
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_EQ(json::find_string(rows.front(), "user_id"), "auth0|" + text(response, "_id"));
}

TEST_F(SignUpActions, after_registration_that_find_no_process_for_a_day_are_given_up_with_a_row) {
  bind_one("post-user-registration");
  ASSERT_EQ(sign_up().status, 200);
  fail(actions::Status::unavailable);
  for (int k = 0; k < 40; ++k) {
    world.run_deferred();
    world.clock.advance(1h);
  }
  const auto calls = runner.calls.size();
  world.clock.advance(48h);
  world.run_deferred();
  EXPECT_EQ(runner.calls.size(), calls);
  const auto rows = world.logs("type:actions_execution_failed");
  ASSERT_FALSE(rows.empty());
  EXPECT_THAT(json::find_string(rows.front(), "description").value_or(""), HasSubstr("could not be run in a day"));
}

TEST_F(SignUpActions, hear_of_a_password_that_the_management_api_changed) {
  bind_one("post-change-password");
  const auto ada = world.create_user();
  world.managed(http::Method::patch, "users/" + ada.user_id, json::object{{"name", "Ada"}});
  world.run_deferred();
  EXPECT_THAT(runner.calls, IsEmpty());
  world.managed(http::Method::patch, "users/" + ada.user_id, json::object{{"password", "Another-horse-8"}});
  world.run_deferred();
  ASSERT_THAT(runner.calls, SizeIs(1));
  EXPECT_EQ(runner.calls.back().function, "onExecutePostChangePassword");
  EXPECT_EQ(runner.in_event("user.user_id"), ada.user_id);
  EXPECT_EQ(runner.in_event("connection.name"), kPasswordRealm);
  EXPECT_EQ(json::write(runner.event()).find("Another-horse"), std::string::npos);
}

TEST_F(SignUpActions, after_registration_are_run_by_one_of_many_workers) {
  bind_one("post-user-registration");
  for (int k = 0; k < 10; ++k) ASSERT_EQ(sign_up({{"email", "u" + std::to_string(k) + "@example.com"}}).status, 200);
  std::vector<std::thread> threads;
  for (int k = 0; k < 8; ++k) threads.emplace_back([&] { world.run_deferred(); });
  for (auto& thread : threads) thread.join();
  EXPECT_THAT(runner.calls, SizeIs(10));
}

}  // namespace
}  // namespace segue::test
