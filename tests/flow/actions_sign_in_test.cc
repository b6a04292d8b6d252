// Post-login Actions in every sign-in: what they are told, what they may decide, and what is left when they fail.
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "store/action_executions.h"
#include "support/actions.h"
#include "support/handoff.h"

namespace segue::test {
namespace {
using namespace std::chrono_literals;

struct ActionsSignIn : ::testing::Test {
  FakeRunner runner;
  Handoff h{{.world = {.run_actions = runner.run()}}};

  void bind_one() { bind(h.world, "post-login", {{"Decide", "exports.onExecutePostLogin = async () => {};"}}); }
  void with(std::vector<actions::Command> commands) {
    runner.commands = std::move(commands);
    bind_one();
  }
  std::int64_t in(std::chrono::seconds later) { return base::to_millis(h.world.clock.now() + later); }
  Page sign_in(Browser& browser) { return browser.submit_login(h.open(browser), h.ada); }
};

bool signs_in(const Page& page) { return page.left && !page.parameter("code").empty(); }

TEST_F(ActionsSignIn, run_nothing_where_nothing_is_bound) {
  auto browser = h.browser();
  EXPECT_TRUE(signs_in(sign_in(browser)));
  EXPECT_TRUE(runner.calls.empty());
}

TEST_F(ActionsSignIn, deny_with_their_reason_and_leave_nothing) {
  with({{"access.deny", {"Not from here."}}});
  auto browser = h.browser();
  const auto page = sign_in(browser);
  EXPECT_TRUE(tells(page, "access_denied"));
  EXPECT_EQ(page.parameter("error_description"), "Not from here.");
  EXPECT_FALSE(browser.cookies().contains("auth0"));
  const auto row = h.only_row("f");
  EXPECT_EQ(text_of(row, "description"), "Not from here.");
  EXPECT_FALSE(detail_of(row, "actions").empty());
}

TEST_F(ActionsSignIn, put_claims_into_both_tokens_through_the_code) {
  with({{"accessToken.setCustomClaim", {"https://example.com/tier", "gold"}},
        {"idToken.setCustomClaim", {"department", "7"}},
        {"idToken.setCustomClaim", {"sub", "somebody-else"}},
        {"idToken.setCustomClaim", {"email", "shown@example.com"}}});
  auto browser = h.browser();
  const auto tokens = h.exchange_code(sign_in(browser));
  const auto claims = claims_of(tokens.text("id_token"));
  EXPECT_EQ(text_of(claims, "department"), "7");
  EXPECT_EQ(text_of(claims, "sub"), h.ada.user_id);
  EXPECT_EQ(text_of(claims, "email"), "shown@example.com");
  EXPECT_FALSE(detail_of(h.only_row("s"), "actions").empty());
}

TEST_F(ActionsSignIn, run_again_for_each_refresh) {
  const auto refresh_token = h.sign_in();
  with({{"idToken.setCustomClaim", {"tier", "silver"}}});
  const auto tokens = h.world.refresh(h.native, refresh_token);
  EXPECT_EQ(tokens.status, 200);
  EXPECT_EQ(text_of(claims_of(tokens.text("id_token")), "tier"), "silver");
  EXPECT_EQ(runner.in_event("transaction.protocol"), "oauth2-refresh-token");
  EXPECT_EQ(runner.in_event("refresh_token.user_id"), h.ada.user_id);
  EXPECT_EQ(runner.in_event("request.body.refresh_token"), "");
  EXPECT_EQ(runner.in_event("request.body.grant_type"), "refresh_token");
}

TEST_F(ActionsSignIn, leave_a_row_of_each_refusal_that_names_whom_they_refused) {
  const auto refresh_token = h.sign_in();
  with({{"access.deny", {"Not now."}}});
  for (int turn = 0; turn < 2; ++turn) {
    h.world.refresh(h.native, refresh_token);
    h.world.password_tokens(h.native, h.ada);
  }
  for (const auto* type : {"fertft", "fepft"}) {
    const auto rows = h.world.logs(std::string("type:") + type);
    ASSERT_EQ(rows.size(), 2U) << type << ": none is counted with another";
    for (const auto& row : rows) {
      EXPECT_EQ(text_of(row, "user_id"), h.ada.user_id) << type;
      EXPECT_EQ(text_of(row, "user_name"), h.ada.email) << type;
      EXPECT_EQ(text_of(row, "description"), "Not now.") << type;
      EXPECT_FALSE(detail_of(row, "actions").empty()) << type;
    }
  }
}

TEST_F(ActionsSignIn, refuse_a_refresh_and_leave_the_token_as_it_was) {
  const auto refresh_token = h.sign_in();
  with({{"access.deny", {"Later."}}});
  const auto refused = h.world.refresh(h.native, refresh_token);
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.error(), "access_denied");
  EXPECT_EQ(refused.text("error_description"), "Later.");
  runner.commands.clear();
  EXPECT_EQ(h.world.refresh(h.native, refresh_token).status, 200);
}

TEST_F(ActionsSignIn, revoke_a_refresh_token_with_its_row) {
  const auto refresh_token = h.sign_in();
  with({{"refreshToken.revoke", {"Stolen."}}});
  const auto refused = h.world.refresh(h.native, refresh_token);
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.text("error_description"), "Stolen.");
  EXPECT_EQ(text_of(h.only_row("srrt"), "description"), "Stolen.");
  runner.commands.clear();
  EXPECT_EQ(h.world.refresh(h.native, refresh_token).error(), "invalid_grant");
}

TEST_F(ActionsSignIn, shorten_sessions_and_never_lengthen_them) {
  with({{"session.setExpiresAt", {in(1h)}},
        {"session.setIdleExpiresAt", {in(10min)}},
        {"session.setMetadata", {"device", "kiosk"}}});
  auto browser = h.browser();
  ASSERT_TRUE(signs_in(sign_in(browser)));
  const auto session = h.stored_session(browser);
  EXPECT_EQ(session.expires_at, h.world.clock.now() + 1h);
  EXPECT_EQ(session.idle_expires_at, h.world.clock.now() + 10min);
  const auto shown = h.world.managed(http::Method::get, "sessions/" + session.sid).as_object();
  EXPECT_EQ(json::write(*json::find(shown, "session_metadata")), R"({"device":"kiosk"})");
  EXPECT_TRUE(h.world.logs("type:w").empty());

  runner.commands = {{"session.setExpiresAt", {in(20000h)}}};
  auto other = h.browser();
  ASSERT_TRUE(signs_in(sign_in(other)));
  EXPECT_EQ(h.stored_session(other).expires_at, h.world.clock.now() + 168h);
  EXPECT_EQ(detail_of(h.only_row("w"), "reason"), "expiration_clamped");
}

TEST_F(ActionsSignIn, give_the_refresh_token_of_a_password_sign_in_an_end_and_metadata) {
  with({{"refreshToken.setExpiresAt", {in(1h)}}, {"refreshToken.setMetadata", {"phone", "7"}}});
  const auto refresh_token = h.sign_in();
  EXPECT_EQ(runner.in_event("transaction.protocol"), "oauth2-password");
  EXPECT_EQ(runner.in_event("request.body.password"), "");
  runner.commands.clear();
  ASSERT_EQ(h.world.refresh(h.native, refresh_token).status, 200);
  EXPECT_EQ(runner.in_event("refresh_token.metadata.phone"), "7");
  h.world.clock.advance(61min);
  EXPECT_EQ(h.world.refresh(h.native, refresh_token).error(), "invalid_grant");
}

TEST_F(ActionsSignIn, keep_user_metadata_when_they_allow_and_not_when_they_deny) {
  with({{"user.setUserMetadata", {"color", "red"}}, {"user.setAppMetadata", {"plan", json::object{{"id", 4}}}}});
  auto browser = h.browser();
  ASSERT_TRUE(signs_in(sign_in(browser)));
  auto user = h.world.managed(http::Method::get, "users/" + h.ada.user_id).as_object();
  EXPECT_EQ(json::write(*json::find(user, "user_metadata")), R"({"color":"red"})");
  EXPECT_EQ(json::write(*json::find(user, "app_metadata")), R"({"plan":{"id":4}})");

  runner.commands = {{"user.setUserMetadata", {"color", nullptr}}, {"access.deny", {"no"}}};
  auto other = h.browser();
  EXPECT_TRUE(tells(sign_in(other), "access_denied"));
  user = h.world.managed(http::Method::get, "users/" + h.ada.user_id).as_object();
  EXPECT_EQ(json::write(*json::find(user, "user_metadata")), R"({"color":"red"})");
}

TEST_F(ActionsSignIn, end_the_sign_in_without_a_word_when_they_throw_and_say_why_in_the_log) {
  runner.answer = [](const actions::Invocation& invocation) {
    actions::Outcome out{.status = actions::Status::thrown};
    out.results.push_back({.version_id = invocation.actions.front().version_id,
                           .thrown = {"TypeError", "x is not a function", "at secret.js"},
                           .log = "before"});
    return out;
  };
  bind_one();
  auto browser = h.browser();
  const auto page = sign_in(browser);
  EXPECT_TRUE(tells(page, "access_denied"));
  EXPECT_EQ(page.parameter("error_description"), "The sign-in could not be completed.");
  const auto row = h.only_row("actions_execution_failed");
  EXPECT_EQ(text_of(row, "description"), "TypeError: x is not a function");
  EXPECT_EQ(detail_of(row, "error_class"), "thrown");
  EXPECT_EQ(detail_of(row, "trigger_id"), "post-login");
  for (const auto* name : {"execution_id", "action_id", "version_id", "binding_id"}) EXPECT_NE(detail_of(row, name), "") << name;
  const auto error = json::object_or_empty(json::object_or_empty(row, "details"), "action_error");
  EXPECT_EQ(text_of(error, "name"), "TypeError");
  EXPECT_EQ(text_of(error, "message"), "x is not a function");
  EXPECT_TRUE(detail_of(row, "action_name").starts_with("Decide"));
  EXPECT_FALSE(browser.cookies().contains("auth0"));
}

TEST_F(ActionsSignIn, let_nobody_in_when_they_cannot_run) {
  const auto refresh_token = h.sign_in();
  runner.answer = [](const actions::Invocation&) {
    return actions::Outcome{.status = actions::Status::unavailable, .reason = "bubblewrap is not installed"};
  };
  bind_one();
  const auto refused = h.world.refresh(h.native, refresh_token);
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.error(), "temporarily_unavailable");
  EXPECT_EQ(text_of(h.only_row("actions_execution_failed"), "description"), "bubblewrap is not installed");
  auto browser = h.browser();
  EXPECT_TRUE(tells(sign_in(browser), "temporarily_unavailable"));
  EXPECT_FALSE(browser.cookies().contains("auth0"));
}

// --- The handoff. ---

TEST_F(ActionsSignIn, are_told_of_the_transfer_when_it_is_redeemed_and_only_then) {
  runner.commands = {{"refreshToken.setMetadata", {"device", "phone"}}};
  bind_one();
  const auto refresh_token = h.sign_in();
  runner.commands.clear();
  const auto token = h.transfer_of(refresh_token);
  EXPECT_EQ(runner.in_event("resource_server.identifier"), kTransferUrn);
  EXPECT_EQ(runner.in_event("session_transfer_token"), "");

  auto browser = h.browser();
  ASSERT_TRUE(signs_in(h.redeem(browser, token)));
  EXPECT_EQ(runner.in_event("session_transfer_token.client_id"), h.native.client_id);
  EXPECT_EQ(runner.in_event("session_transfer_token.request.ip"), "192.0.2.7");
  EXPECT_EQ(runner.in_event("session_transfer_token.scope"), R"(["openid","profile","email","offline_access"])");
  EXPECT_EQ(runner.in_event("session.session_transfer.parent_refresh_token.metadata.device"), "phone");
  EXPECT_EQ(runner.in_event("request.query.session_transfer_token"), "");
  EXPECT_EQ(runner.in_event("request.query.client_id"), h.web.client_id);
  EXPECT_EQ(runner.in_event("session.id"), h.stored_session(browser).sid);
  EXPECT_EQ(json::write(runner.event()).find(token), std::string::npos);

  ASSERT_TRUE(signs_in(h.open(browser)));
  EXPECT_EQ(runner.in_event("session_transfer_token"), "");
  EXPECT_EQ(runner.in_event("session.session_transfer.parent_refresh_token.metadata.device"), "phone");
}

TEST_F(ActionsSignIn, spend_the_transfer_that_they_refuse) {
  bind_one();
  const auto token = h.transfer();
  runner.commands = {{"access.deny", {"Network mismatch detected"}}};
  auto browser = h.browser();
  const auto page = h.redeem(browser, token);
  EXPECT_TRUE(tells(page, "access_denied"));
  EXPECT_EQ(page.parameter("error_description"), "Network mismatch detected");
  EXPECT_EQ(detail_of(h.only_row("f"), "triggered_by_session_transfer_token"), "true");
  runner.commands.clear();
  EXPECT_FALSE(h.is_unspent(token));
}

TEST_F(ActionsSignIn, keep_what_ran_for_ten_days) {
  with({});
  auto browser = h.browser();
  ASSERT_TRUE(signs_in(sign_in(browser)));
  const auto row = h.only_row("s");
  const auto details = *json::find_object(row, "details");
  const auto id = json::find_strings(*json::find_object(details, "actions"), "executions").at(0);
  const auto found = h.world.node().product().store().read(
      h.world.tenant(), [&](const store::Reader& r) { return store::action_executions::find(r, id, h.world.clock.now()); });
  ASSERT_TRUE(found);
  EXPECT_EQ(found->trigger_id, "post-login");
  EXPECT_EQ(found->results.size(), 1u);
}

// --- Many at once. ---

TEST(ActionsOfOneTenant, take_no_more_than_their_share_of_the_server) {
  std::mutex mutex;
  std::condition_variable changed;
  int waiting = 0;
  bool released = false;
  Handoff h{{.world = {.run_actions = [&](base::TenantId, const actions::Invocation&) {
               std::unique_lock lock(mutex);
               ++waiting;
               changed.notify_all();
               changed.wait(lock, [&] { return released; });
               return actions::Outcome{.status = actions::Status::ok};
             }}}};
  const auto refresh_token = h.sign_in();
  bind(h.world, "post-login", {{"Slow", "exports.onExecutePostLogin = async () => {};"}});
  std::vector<std::thread> threads;
  for (int i = 0; i < 24; ++i) threads.emplace_back([&] { h.world.exchange(h.native, refresh_token); });
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return waiting == 24; });
  }
  const auto refused = h.world.exchange(h.native, refresh_token);
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.error(), "temporarily_unavailable");
  {
    const std::scoped_lock lock(mutex);
    released = true;
    changed.notify_all();
  }
  for (auto& thread : threads) thread.join();
  bind(h.world, "post-login", {});
  EXPECT_NE(h.world.exchange(h.native, refresh_token).status, 503);
}

// --- Machines. ---

struct ActionsOfMachines : ActionsSignIn {
  Client machine = h.world.create_client({{"app_type", "non_interactive"},
                                          {"grant_types", json::array{"client_credentials"}},
                                          {"client_metadata", {{"team", "a"}}}});
  ActionsOfMachines() {
    h.world.managed(http::Method::post, "resource-servers",
                    {{"name", "api"},
                     {"identifier", "https://api.example/"},
                     {"scopes", json::array{json::object{{"value", "read:x"}}, json::object{{"value", "write:x"}},
                                            json::object{{"value", "admin:x"}}}}});
    h.world.managed(
        http::Method::post, "client-grants",
        {{"client_id", machine.client_id}, {"audience", "https://api.example/"}, {"scope", json::array{"read:x", "write:x"}}});
    bind(h.world, "credentials-exchange", {{"Machine", "exports.onExecuteCredentialsExchange = async () => {};"}});
  }
  Tokens ask(const std::string& scope = "read:x") {
    return h.world.token_request(parameters({{"grant_type", "client_credentials"},
                                             {"client_id", machine.client_id},
                                             {"client_secret", machine.client_secret},
                                             {"audience", "https://api.example/"},
                                             {"scope", scope}}));
  }
};

TEST_F(ActionsOfMachines, are_told_who_asks_and_for_what) {
  EXPECT_EQ(ask().status, 200);
  EXPECT_EQ(runner.calls.back().function, "onExecuteCredentialsExchange");
  EXPECT_EQ(runner.in_event("client.metadata.team"), "a");
  EXPECT_EQ(runner.in_event("resource_server.identifier"), "https://api.example/");
  EXPECT_EQ(runner.in_event("transaction.requested_scopes"), R"(["read:x"])");
  EXPECT_EQ(json::write(runner.event()).find(machine.client_secret), std::string::npos);
}

TEST_F(ActionsOfMachines, set_claims_and_scopes_within_the_client_grant) {
  runner.commands = {{"accessToken.setCustomClaim", {"https://example.com/tier", 3}},
                     {"accessToken.setCustomClaim", {"azp", "other"}},
                     {"transaction.addTargetScope", {"write:x"}},
                     {"transaction.addTargetScope", {"admin:x"}},
                     {"transaction.removeTargetScope", {"read:x"}}};
  const auto tokens = ask();
  EXPECT_EQ(tokens.text("scope"), "write:x");
  const auto claims = claims_of(tokens.access_token());
  EXPECT_EQ(text_of(claims, "scope"), "write:x");
  EXPECT_EQ(json::find_integer(claims, "https://example.com/tier"), 3);
  EXPECT_EQ(text_of(claims, "azp"), machine.client_id);
}

TEST_F(ActionsOfMachines, deny_with_a_code_and_a_reason) {
  runner.commands = {{"access.deny", {"invalid_scope", "Not at night."}}};
  auto refused = ask();
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.error(), "invalid_scope");
  EXPECT_EQ(refused.text("error_description"), "Not at night.");
  runner.commands = {};  // the test reads the log as a machine, too
  EXPECT_EQ(text_of(h.only_row("feccft"), "description"), "Not at night.");
  runner.commands = {{"access.deny", {"made_up", "No."}}};
  refused = ask();
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.error(), "access_denied");
  // Reading the log takes a token of a machine, too.
  runner.commands.clear();
  const auto rows = h.world.logs("type:feccft");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_FALSE(detail_of(rows[0], "actions").empty());
}

}  // namespace
}  // namespace segue::test
