// What binds Actions: triggers, modules and token-exchange profiles; and what ran (contract §8.1, §8.2, §3.4).
#include "actions_flow.h"
#include "store/action_executions.h"

namespace segue::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

using ActionBindings = ActionsApi;

TEST_F(ActionBindings, lists_the_triggers_that_run_here) {
  const auto triggers = get("actions/triggers");
  EXPECT_THAT(names_in(triggers, "triggers", "id"),
              ElementsAre("post-login", "credentials-exchange", "pre-user-registration", "post-user-registration",
                          "post-change-password", "custom-token-exchange"));
  const auto first = triggers.at("triggers").at(0).get_object();
  EXPECT_EQ(
      json::write(first),
      R"({"id":"post-login","version":"v3","status":"CURRENT","runtimes":["node18-actions","node22"],"default_runtime":"node22","binding_policy":"trigger-bound","compatible_triggers":[{"id":"post-login","version":"v2"}]})");
}

TEST_F(ActionBindings, binds_by_id_by_name_and_by_binding) {
  const auto a = deployed("a"), b = deployed("b");
  const auto before = snapshot()->version();
  const auto first = bind({binding("action_id", b), binding("action_name", "a")});
  ASSERT_EQ(first.status, 200) << first.body;
  EXPECT_GT(snapshot()->version(), before);
  const auto bindings = object_of(first).at("bindings").get_array();
  ASSERT_EQ(bindings.size(), 2u);
  EXPECT_THAT(names_of(bindings[0].get_object()),
              ElementsAre("id", "trigger_id", "action", "created_at", "updated_at", "display_name"));
  EXPECT_EQ(bindings[0].at("action").at("id").as_string(), b);
  EXPECT_EQ(bindings[0].at("action").at("deployed_version").at("deployed").as_bool(), true);
  EXPECT_EQ(bindings[1].at("display_name").as_string(), "a");

  auto again = binding("binding_id", std::string(bindings[1].at("id").as_string()));
  again["display_name"] = "shown";
  const auto second = bind({again, binding("action_id", b)});
  ASSERT_EQ(second.status, 200) << second.body;
  const auto page = get("actions/triggers/post-login/bindings?page=0&per_page=50");
  EXPECT_EQ(page.at("total").as_int64(), 2);
  EXPECT_THAT(names_in(page, "bindings", "display_name"), ElementsAre("shown", "b"));
  EXPECT_NE(page.at("bindings").at(0).at("id"), bindings[1].at("id"));
  EXPECT_EQ(json::write(get("actions/triggers/post-login/bindings?page=1&per_page=100")),
            R"({"page":1,"per_page":100,"bindings":[]})");
  EXPECT_EQ(bind({}).status, 200);
  EXPECT_EQ(json::write(get("actions/triggers/post-login/bindings?page=0&per_page=50")), R"({"per_page":50,"bindings":[]})");
  EXPECT_THAT(world.logs("type:sapi AND description:\"Update trigger bindings\""), SizeIs(3));
}

TEST_F(ActionBindings, refuses_bindings_that_would_not_run) {
  const auto draft = id_of(create("draft"));
  const auto other = deployed("other", "credentials-exchange"), exchange = deployed("exchange", "custom-token-exchange");
  const auto changed = deployed("changed", "post-change-password");
  EXPECT_THAT(refusal(bind({binding("action_id", draft)})), HasSubstr("must be deployed before"));
  EXPECT_THAT(refusal(bind({binding("action_id", other)})), HasSubstr("is one of credentials-exchange"));
  EXPECT_THAT(refusal(bind({binding("action_id", "none")})), HasSubstr("no action with the action_id \"none\""));
  EXPECT_THAT(refusal(bind({binding("binding_id", "none")})), HasSubstr("no action with the binding_id"));
  EXPECT_THAT(refusal(bind({binding("action_id", exchange)}, "custom-token-exchange")), HasSubstr("token exchange profile"));
  EXPECT_THAT(refusal(bind({binding("action_id", changed)}, "post-change-password")), HasSubstr("nothing runs Actions of"));
  EXPECT_THAT(refusal(bind({binding("action_id", draft)}, "send-phone-message")), HasSubstr("nothing runs Actions of"));
  EXPECT_THAT(refusal(bind({binding("action_id", draft)}, "nonsense")), HasSubstr("Path validation error"));
  json::array many;
  for (int k = 0; k < 21; ++k) many.push_back(binding("action_id", draft));
  EXPECT_THAT(refusal(bind(many)), HasSubstr("Array is too long (21), maximum 20"));
  auto secret = binding("action_id", deployed("mine"));
  secret["secrets"] = json::array{json::object{{"name", "A"}, {"value", "v"}}};
  EXPECT_THAT(refusal(bind({secret})), HasSubstr("secrets belong to the Action"));
  // The tools ask for every trigger and clear what they do not know.
  EXPECT_EQ(json::write(get("actions/triggers/custom-token-exchange/bindings?page=0&per_page=50")),
            R"({"per_page":50,"bindings":[]})");
  EXPECT_EQ(bind({}, "send-phone-message").status, 200);
  EXPECT_THAT(bound_versions(), IsEmpty());
}

TEST_F(ActionBindings, hands_out_what_runs_with_the_configuration) {
  const auto a = deployed("a", "post-login", {{"secrets", json::array{json::object{{"name", "K"}, {"value", "open"}}}}});
  const auto b = deployed("b");
  EXPECT_THAT(bound_versions(), IsEmpty());
  bind({binding("action_id", b), binding("action_id", a)});
  const auto bound = snapshot()->bindings("post-login");
  ASSERT_EQ(bound->size(), 2u);
  EXPECT_EQ((*bound)[0].action.name, "b");
  EXPECT_EQ((*bound)[1].action.code, kCode);
  EXPECT_EQ(snapshot()->action_secret((*bound)[1].action.secrets.at(0)).reveal(), "open");
  EXPECT_THAT(*snapshot()->bindings("credentials-exchange"), IsEmpty());

  const auto version = id_of(deploy(b));
  EXPECT_EQ(bound_versions().at(0), version);
  EXPECT_THAT(refusal(world.manage(http::Method::delete_, "actions/actions/" + b), 409), HasSubstr("?force=true"));
  EXPECT_THAT(bound_versions(), SizeIs(2));
  EXPECT_EQ(world.manage(http::Method::delete_, "actions/actions/" + b + "?force=true").status, 204);
  EXPECT_THAT(bound_versions(), SizeIs(1));
  EXPECT_EQ(refusal(world.manage(http::Method::delete_, "actions/actions/" + b), 404), "That action does not exist.");
}

TEST_F(ActionBindings, warns_of_code_that_reads_places_nobody_knows) {
  const auto reads =
      "exports.onExecutePostLogin = async (e, api) => { if (e.request.geoip.countryCode !== 'x') api.access.deny('n'); };";
  const auto id = id_of(create("mine", "post-login", {{"code", reads}}));
  const auto version = deploy(id);
  ASSERT_TRUE(version.contains("warnings"));
  EXPECT_THAT(json::write(version.at("warnings")), HasSubstr("no city database"));
  const auto rows = world.logs("type:w");
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_THAT(json::find_string(rows[0], "description").value_or(""), HasSubstr("no city database"));
  EXPECT_FALSE(id_of(create("other", "post-login", {{"code", reads}, {"deploy", true}})).empty());
  EXPECT_THAT(world.logs("type:w"), SizeIs(2));
}

TEST_F(ActionBindings, publishes_no_module_that_does_not_build_or_changed_meanwhile) {
  const auto make = [&](const std::string& name, const std::string& code, bool publish) {
    return world.manage(http::Method::post, "actions/modules",
                        json::object{{"name", name}, {"code", code}, {"publish", publish}});
  };
  EXPECT_THAT(refusal(make("broken", "}{", true)), HasSubstr("SyntaxError"));
  EXPECT_EQ(json::write(get("actions/modules?page=0&per_page=100").at("modules")), "[]") << "nothing is left";
  const auto id = id_of(object_of(make("shared", "exports.x = 1;", false)));
  desk.during_build = [&] {
    world.managed(http::Method::patch, "actions/modules/" + id, json::object{{"code", "exports.x = 2;"}});
  };
  EXPECT_THAT(refusal(world.manage(http::Method::post, "actions/modules/" + id + "/versions"), 409),
              HasSubstr("Publish it again"));
  EXPECT_FALSE(get("actions/modules/" + id).contains("latest_version"));
  desk.broken = "There is no Node.js.";
  EXPECT_EQ(refusal(world.manage(http::Method::post, "actions/modules/" + id + "/versions"), 403),
            "The module cannot be published: There is no Node.js.");
  desk.broken.reset();
  EXPECT_EQ(world.managed(http::Method::post, "actions/modules/" + id + "/versions").at("version_number").as_int64(), 1);
}

TEST_F(ActionBindings, shares_modules_in_versions_that_stay) {
  EXPECT_EQ(json::write(get("actions/modules?page=0&per_page=100")), R"({"per_page":100,"modules":[]})");
  const auto created =
      world
          .managed(http::Method::post, "actions/modules",
                   json::object{{"name", "shared"},
                                {"code", "exports.x = 1;"},
                                {"publish", true},
                                {"secrets", json::array{json::object{{"name", "M"}, {"value", "module-secret"}}}}})
          .get_object();
  const auto id = id_of(created);
  EXPECT_TRUE(created.at("all_changes_published").as_bool());
  EXPECT_EQ(created.at("latest_version_number").as_int64(), 1);
  const auto first = std::string(created.at("latest_version").at("id").as_string());
  EXPECT_THAT(json::write(created), Not(HasSubstr("module-secret")));
  EXPECT_EQ(world.manage(http::Method::post, "actions/modules", json::object{{"name", "shared"}, {"code", ""}}).status, 409);

  const auto action = deployed("uses", "post-login", {{"modules", json::array{json::object{{"module_name", "shared"}}}}});
  ASSERT_EQ(desk.built.back().modules.size(), 1u);
  EXPECT_EQ(desk.built.back().modules[0].code, "exports.x = 1;");
  EXPECT_EQ(snapshot()->action_secret(desk.built.back().modules[0].secrets.at(0)).reveal(), "module-secret");
  EXPECT_EQ(get("actions/actions/" + action).at("modules").at(0).at("module_version_id").as_string(), first);
  EXPECT_EQ(get("actions/modules/" + id).at("actions_using_module_total").as_int64(), 1);
  EXPECT_THAT(names_in(get("actions/modules/" + id + "/actions"), "actions", "action_name"), ElementsAre("uses"));

  EXPECT_EQ(refusal(world.manage(http::Method::post, "actions/modules/" + id + "/versions"), 409),
            "No draft version is available to publish");
  world.managed(http::Method::patch, "actions/modules/" + id, json::object{{"code", "exports.x = 2;"}});
  const auto second = world.managed(http::Method::post, "actions/modules/" + id + "/versions");
  EXPECT_EQ(second.at("version_number").as_int64(), 2);
  EXPECT_EQ(second.at("module_id").as_string(), id);
  EXPECT_EQ(get("actions/modules/" + id + "/versions").at("total").as_int64(), 2);
  EXPECT_EQ(get("actions/modules/" + id + "/versions/" + first).at("code").as_string(), "exports.x = 1;");
  const auto back = json::object{{"module_version_id", first}};
  EXPECT_EQ(world.managed(http::Method::post, "actions/modules/" + id + "/rollback", back).at("code").as_string(),
            "exports.x = 1;");
  EXPECT_EQ(refusal(world.manage(http::Method::post, "actions/modules/" + id + "/rollback", back), 409),
            "The specified version is already the current draft version");

  EXPECT_THAT(refusal(world.manage(http::Method::delete_, "actions/modules/" + id), 412),
              HasSubstr("in use by one or more actions"));
  world.manage(http::Method::delete_, "actions/actions/" + action);
  EXPECT_EQ(world.manage(http::Method::delete_, "actions/modules/" + id).status, 204);
  EXPECT_EQ(refusal(world.manage(http::Method::delete_, "actions/modules/" + id), 404), "The Actions Module does not exist");
  EXPECT_EQ(world.manage(http::Method::get, "actions/modules/" + id).status, 404);
}

TEST_F(ActionBindings, shows_what_ran_for_ten_days) {
  world.node().product().store().write(world.tenant(), [&](const store::Writer& w) {
    store::action_executions::insert(
        w, {.execution_id = "exe1",
            .trigger_id = "post-login",
            .results = {json::object{{"action_name", "mine"}, {"error", json::object{{"id", "x"}, {"msg", "boom"}}}}},
            .created_at = world.clock.now(),
            .updated_at = world.clock.now()});
    return true;
  });
  const auto shown = get("actions/executions/exe1");
  EXPECT_THAT(names_of(shown), ElementsAre("id", "trigger_id", "status", "results", "created_at", "updated_at"));
  EXPECT_EQ(shown.at("results").at(0).at("error").at("msg").as_string(), "boom");
  world.clock.advance(std::chrono::days(10) + std::chrono::minutes(1));
  EXPECT_EQ(refusal(world.manage(http::Method::get, "actions/executions/exe1"), 404), "The execution does not exist");
  world.sweep();
  EXPECT_FALSE(world.node().product().store().read(
      world.tenant(), [&](const store::Reader& r) { return store::action_executions::has_expired(r, world.clock.now()); }));
}

TEST_F(ActionBindings, names_the_action_that_answers_a_token_exchange) {
  const auto action = deployed("exchange", "custom-token-exchange");
  const auto body = [&](const std::string& type, const std::string& action_id) {
    return json::object{
        {"name", "old tokens"}, {"subject_token_type", type}, {"action_id", action_id}, {"type", "custom_authentication"}};
  };
  const auto create_profile = [&](const std::string& type, const std::string& action_id) {
    return world.manage(http::Method::post, "token-exchange-profiles", body(type, action_id));
  };
  const auto created = create_profile("https://old.example/token", action);
  ASSERT_EQ(created.status, 201) << created.body;
  EXPECT_THAT(names_of(object_of(created)),
              ElementsAre("id", "name", "subject_token_type", "action_id", "type", "created_at", "updated_at"));
  const auto id = id_of(object_of(created));
  EXPECT_EQ(id.substr(0, 4), "tep_");
  const auto exchange = snapshot()->exchange_action("https://old.example/token");
  ASSERT_TRUE(exchange);
  EXPECT_EQ(exchange->action.action_id, action);
  EXPECT_FALSE(snapshot()->exchange_action("https://unknown.example"));

  EXPECT_EQ(refusal(create_profile("https://old.example/token", action), 409), "subject_token_type already exists for tenant");
  EXPECT_EQ(refusal(create_profile("https://b.example/token", "none")), "Action not found");
  EXPECT_EQ(refusal(create_profile("https://b.example/token", id_of(create("draft", "custom-token-exchange")))),
            "Action is not deployed");
  EXPECT_EQ(refusal(create_profile("https://b.example/token", deployed("other"))),
            "Action must have supported_triggers: custom-token-exchange");
  for (const auto* type : {"urn:ietf:params:oauth:token-type:jwt", "http://auth0.com/oauth/token-type/x", "URN:Okta:token"})
    EXPECT_THAT(refusal(create_profile(type, action)), HasSubstr("reserved")) << type;
  EXPECT_THAT(refusal(create_profile("not a uri", action)), HasSubstr("not a URI"));
  EXPECT_EQ(create_profile("urn:acme:legacy", action).status, 201);
  EXPECT_THAT(get("token-exchange-profiles?take=1").at("token_exchange_profiles").get_array(), SizeIs(1));
  EXPECT_TRUE(get("token-exchange-profiles?take=1").contains("next"));
  EXPECT_FALSE(get("token-exchange-profiles").contains("next"));

  EXPECT_EQ(world.managed(http::Method::patch, "token-exchange-profiles/" + id, json::object{{"name", "renamed"}}).at("name"),
            "renamed");
  EXPECT_EQ(
      world.manage(http::Method::patch, "token-exchange-profiles/" + id, json::object{{"subject_token_type", "urn:acme:legacy"}})
          .status,
      409);
  EXPECT_THAT(refusal(world.manage(http::Method::patch, "token-exchange-profiles/" + id, json::object{{"action_id", action}})),
              HasSubstr("Additional properties not allowed"));
  EXPECT_THAT(refusal(world.manage(http::Method::delete_, "actions/actions/" + action), 409),
              HasSubstr("token exchange profile"));
  EXPECT_EQ(world.manage(http::Method::delete_, "token-exchange-profiles/" + id).status, 204);
  EXPECT_EQ(world.manage(http::Method::delete_, "token-exchange-profiles/" + id).status, 204);
  EXPECT_EQ(world.manage(http::Method::get, "token-exchange-profiles/" + id).status, 404);
}

TEST_F(ActionBindings, keeps_tenants_apart) {
  const auto id = deployed("mine");
  bind({binding("action_id", id)});
  world.add_tenant("other.example");
  const auto other = world.node().product().tenants().resolve("other.example")->tenant;
  EXPECT_THAT(*world.node().product().tenants().snapshot(other)->bindings("post-login"), IsEmpty());
}

}  // namespace
}  // namespace segue::test
