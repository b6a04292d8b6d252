// From the Management API to a sign-in: an Action is written, deployed, bound, and decides, run by Node.js as the server runs it.
#include "app/action_runtime.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "actions/runtime.h"
#include "base/text.h"
#include "support/handoff.h"

namespace segue::test {
namespace {

struct ActionRuntimeFlow : ::testing::Test {
  static app::Config config() {
    app::Config out;
    out.actions_node = test_node();
    return out;
  }
  TestFolder folder;
  ManualClock clock;
  SeededRandom random{5};
  app::ActionRuntime runtime{config(), app::DataFolder(folder.path()), clock, random};
  Handoff h{{.world = {.pipeline = &runtime.pipeline(), .actions = &runtime}}};

  void SetUp() override {
    if (const auto problem = runtime.problem()) GTEST_SKIP() << *problem;
  }
  http::Response create(const std::string& code, json::object more = {}) {
    json::object body{{"name", "Gate"},
                      {"supported_triggers", json::array{json::object{{"id", "post-login"}}}},
                      {"code", code},
                      {"deploy", true}};
    for (const auto& member : more) body[member.key()] = member.value();
    return h.world.manage(http::Method::post, "actions/actions", body);
  }
  // Deployed and bound to the sign-in; its id.
  std::string bound(const std::string& code, json::object more = {}) {
    const auto made = create(code, std::move(more));
    EXPECT_EQ(made.status / 100, 2) << made.body;
    const auto id = json::find_string(object_of(made), "id").value_or("");
    h.world.managed(http::Method::patch, "actions/triggers/post-login/bindings",
                    json::object{{"bindings", json::array{json::object{{"ref", {{"type", "action_id"}, {"value", id}}}}}}});
    return id;
  }
};

TEST_F(ActionRuntimeFlow, refuses_to_deploy_what_does_not_parse) {
  const auto refused = create("exports.onExecutePostLogin = async (event, api) => {");
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body.find("SyntaxError"), std::string::npos) << refused.body;
}

TEST_F(ActionRuntimeFlow, runs_what_is_deployed_and_bound_with_its_secrets) {
  bound(
      "exports.onExecutePostLogin = async (event, api) => {\n"
      "  if (event.user.email === event.secrets.BANNED) api.access.deny('Go away, ' + event.client.name);\n"
      "};",
      {{"secrets", json::array{json::object{{"name", "BANNED"}, {"value", h.ada.email}}}}});
  const auto refused = h.world.password_tokens(h.native, h.ada);
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.text("error_description"), "Go away, native");
  EXPECT_EQ(h.world.password_tokens(h.native, h.world.create_user("grace@example.com")).status, 200);
}

// Publishes a module and gives the Action that names it.
json::object module_of(const std::string& name, const std::string& code, json::array secrets = {}) {
  return {{"name", name}, {"code", code}, {"secrets", std::move(secrets)}, {"publish", true}};
}
json::object uses(const std::string& name) { return {{"modules", json::array{json::object{{"module_name", name}}}}}; }

TEST_F(ActionRuntimeFlow, shares_a_module_in_the_version_that_the_action_was_deployed_with) {
  const auto module =
      h.world.managed(http::Method::post, "actions/modules",
                      module_of("rules", "exports.banned = (email) => email === actions.secrets.BANNED ? 'first' : '';",
                                json::array{json::object{{"name", "BANNED"}, {"value", h.ada.email}}}));
  const auto module_id = json::find_string(module.get_object(), "id").value();
  const auto id = bound(
      "const rules = require('actions:rules');\n"
      "exports.onExecutePostLogin = async (event, api) => {\n"
      "  const why = rules.banned(event.user.email);\n"
      "  if (why) api.access.deny(why);\n"
      "};",
      uses("rules"));
  EXPECT_EQ(h.world.password_tokens(h.native, h.ada).text("error_description"), "first");

  h.world.managed(http::Method::patch, "actions/modules/" + module_id,
                  json::object{{"code", "exports.banned = () => 'second';"}});
  h.world.managed(http::Method::post, "actions/modules/" + module_id + "/versions");
  EXPECT_EQ(h.world.password_tokens(h.native, h.ada).text("error_description"), "first")
      << "publishing changes nothing that runs";

  const auto tried = h.world.managed(http::Method::post, "actions/actions/" + id + "/test",
                                     json::object{{"payload", {{"event", {{"user", {{"email", h.ada.email}}}}}}}});
  EXPECT_NE(json::write(tried).find("\"access.deny\",\"arguments\":[\"first\"]"), std::string::npos) << json::write(tried);

  h.world.managed(http::Method::patch, "actions/actions/" + id, uses("rules"));
  EXPECT_EQ(h.world.password_tokens(h.native, h.ada).text("error_description"), "first") << "a draft runs nowhere";
  h.world.managed(http::Method::post, "actions/actions/" + id + "/deploy");
  EXPECT_EQ(h.world.password_tokens(h.native, h.ada).text("error_description"), "second");
}

TEST_F(ActionRuntimeFlow, publishes_no_module_that_does_not_load) {
  for (const auto& [name, code, why] : std::vector<std::array<std::string, 3>>{
           {"broken", "exports.x = {", "SyntaxError: the module \\\"broken\\\" could not be loaded: "},
           {"throws", "throw new Error('no key')", "the module \\\"throws\\\" could not be loaded: no key"},
           {"nested", "require('actions:throws')", "modules cannot use other modules"}}) {
    const auto refused = h.world.manage(http::Method::post, "actions/modules", module_of(name, code));
    EXPECT_EQ(refused.status, 400) << name;
    EXPECT_NE(refused.body.find(why), std::string::npos) << refused.body;
  }
}

TEST_F(ActionRuntimeFlow, ends_a_sign_in_whose_module_does_not_load_any_more_and_says_which) {
  h.world.managed(http::Method::post, "actions/modules",
                  module_of("fickle", "if (globalThis.signingIn) throw new TypeError('not now');"));
  bound(
      "exports.onExecutePostLogin = async (event) => {\n"
      "  if (event.user.email !== 'ada@example.com') process.exit();\n"
      "  globalThis.signingIn = true;\n"
      "  require('actions:fickle');\n"
      "};",
      uses("fickle"));
  h.world.password_tokens(h.native, h.world.create_user("grace@example.com"));  // ends the process in which it was built
  const auto before = h.world.logs("type:actions_execution_failed").size();
  const auto refused = h.world.password_tokens(h.native, h.ada);
  EXPECT_EQ(refused.text("error"), "access_denied");
  EXPECT_EQ(refused.text("error_description"), "The sign-in could not be completed.");
  const auto rows = h.world.logs("type:actions_execution_failed");
  ASSERT_EQ(rows.size(), before + 1);
  EXPECT_EQ(json::find_string(rows[0], "description"), "TypeError: the module \"fickle\" could not be loaded: not now");
}

// What an Action writes reaches logs and answers as data: bounded, in one line, and valid UTF-8.
TEST_F(ActionRuntimeFlow, keeps_hostile_text_of_an_action_inside_its_fields) {
  bound(
      "exports.onExecutePostLogin = async (event, api) => {\n"
      "  const hostile = '\\u0000\\u001b[31m\\n\",\"type\":\"s\\u2028<script>\\ud800';\n"
      "  console.log(hostile + 'x'.repeat(1e7));\n"
      "  if (event.user.email === 'ada@example.com') api.access.deny(hostile);\n"
      "  else throw new Error(hostile + 'x'.repeat(1e7));\n"
      "};");
  const auto refused = h.world.password_tokens(h.native, h.ada);
  EXPECT_EQ(refused.text("error"), "access_denied");
  EXPECT_LT(refused.text("error_description").size(), 2000U);
  h.world.password_tokens(h.native, h.world.create_user("grace@example.com"));
  int rows = 0;
  for (const auto* type : {"fepft", "actions_execution_failed"}) {
    for (const auto& row : h.world.logs(std::string("type:") + type)) {
      const auto line = json::write(row);
      EXPECT_TRUE(base::is_valid_utf8(line));
      EXPECT_EQ(std::count_if(line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }), 0) << line;
      EXPECT_EQ(json::find_string(row, "type"), type);
      EXPECT_LT(line.size(), 16'384U);
      ++rows;
    }
  }
  EXPECT_GE(rows, 2);
}

TEST_F(ActionRuntimeFlow, decides_about_sign_ups_and_hears_of_those_that_passed) {
  const auto bind_to = [&](const std::string& trigger, const std::string& code) {
    const auto made = create(code, {{"name", trigger}, {"supported_triggers", json::array{json::object{{"id", trigger}}}}});
    ASSERT_EQ(made.status / 100, 2) << made.body;
    const auto id = json::find_string(object_of(made), "id").value();
    h.world.managed(http::Method::patch, "actions/triggers/" + trigger + "/bindings",
                    json::object{{"bindings", json::array{json::object{{"ref", {{"type", "action_id"}, {"value", id}}}}}}});
  };
  bind_to("pre-user-registration",
          "exports.onExecutePreUserRegistration = async (event, api) => {\n"
          "  if (event.user.email.endsWith('@bad.example')) return api.access.deny('on the list', 'Use another address.');\n"
          "  api.user.setAppMetadata('from', event.connection.name);\n"
          "};");
  bind_to("post-user-registration",
          "exports.onExecutePostUserRegistration = async (event) => { throw new Error('told of ' + event.user.user_id); };");
  const auto sign_up = [&](const std::string& email) {
    return h.world.send(json_request(http::Method::post, "/dbconnections/signup",
                                     json::object{{"client_id", h.native.client_id},
                                                  {"connection", kPasswordRealm},
                                                  {"email", email},
                                                  {"password", "Correct-horse-7"}}));
  };
  const auto refused = sign_up("eve@bad.example");
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(json::find_string(object_of(refused), "friendly_message"), "Use another address.");
  const auto made = sign_up("grace@good.example");
  ASSERT_EQ(made.status, 200) << made.body;
  const auto user_id = "auth0|" + json::find_string(object_of(made), "_id").value();
  const auto user = h.world.managed(http::Method::get, "users/" + user_id).as_object();
  EXPECT_EQ(json::write(*json::find(user, "app_metadata")), "{\"from\":\"" + std::string(kPasswordRealm) + "\"}");
  h.world.run_deferred();
  const auto rows = h.world.logs("type:actions_execution_failed");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(json::find_string(rows.front(), "description"), "Error: told of " + user_id);
}

}  // namespace
}  // namespace segue::test
