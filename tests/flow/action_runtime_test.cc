// From the Management API to a sign-in: an Action is written, deployed, bound, and decides, run by Node.js as the server runs it.
#include "app/action_runtime.h"

#include <gtest/gtest.h>

#include "actions/runtime.h"
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
};

TEST_F(ActionRuntimeFlow, refuses_to_deploy_what_does_not_parse) {
  const auto refused = create("exports.onExecutePostLogin = async (event, api) => {");
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body.find("SyntaxError"), std::string::npos) << refused.body;
}

TEST_F(ActionRuntimeFlow, runs_what_is_deployed_and_bound_with_its_secrets) {
  const auto made = create(
      "exports.onExecutePostLogin = async (event, api) => {\n"
      "  if (event.user.email === event.secrets.BANNED) api.access.deny('Go away, ' + event.client.name);\n"
      "};",
      {{"secrets", json::array{json::object{{"name", "BANNED"}, {"value", h.ada.email}}}}});
  ASSERT_EQ(made.status / 100, 2) << made.body;
  const auto id = json::find_string(object_of(made), "id").value();
  h.world.managed(http::Method::patch, "actions/triggers/post-login/bindings",
                  json::object{{"bindings", json::array{json::object{{"ref", {{"type", "action_id"}, {"value", id}}}}}}});
  const auto refused = h.world.password_tokens(h.native, h.ada);
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.text("error_description"), "Go away, native");
  EXPECT_EQ(h.world.password_tokens(h.native, h.world.create_user("grace@example.com")).status, 200);
}

TEST_F(ActionRuntimeFlow, binds_nothing_to_a_trigger_that_nothing_runs) {
  const auto made = create("exports.onExecutePostUserRegistration = async () => {};",
                           {{"supported_triggers", json::array{json::object{{"id", "post-user-registration"}}}}});
  ASSERT_EQ(made.status / 100, 2) << made.body;
  const auto id = json::find_string(object_of(made), "id").value();
  const auto refused =
      h.world.manage(http::Method::patch, "actions/triggers/post-user-registration/bindings",
                     json::object{{"bindings", json::array{json::object{{"ref", {{"type", "action_id"}, {"value", id}}}}}}});
  EXPECT_EQ(refused.status, 400) << refused.body;
}

}  // namespace
}  // namespace segue::test
