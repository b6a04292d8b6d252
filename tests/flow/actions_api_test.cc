// Actions and their versions through the Management API (contract §8.2).
#include "actions_flow.h"
#include "store/action_secrets.h"

namespace segue::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

TEST_F(ActionsApi, creates_a_draft_as_the_live_service_does) {
  const auto created = create("mine");
  EXPECT_THAT(names_of(created), ElementsAre("id", "name", "supported_triggers", "created_at", "updated_at", "code",
                                             "dependencies", "runtime", "status", "secrets", "all_changes_deployed"));
  EXPECT_EQ(created.at("status").as_string(), "pending");
  EXPECT_EQ(created.at("runtime").as_string(), "node22");
  EXPECT_EQ(json::write(created.at("supported_triggers")), R"([{"id":"post-login","version":"v3"}])");
  EXPECT_FALSE(created.at("all_changes_deployed").as_bool());
  const auto shown = get("actions/actions/" + id_of(created));
  EXPECT_EQ(shown.at("status").as_string(), "built");
  EXPECT_THAT(desk.built, IsEmpty());
  EXPECT_THAT(world.logs("type:sapi AND description:\"Create an action\""), SizeIs(1));
}

TEST_F(ActionsApi, deploys_with_the_oddities_of_the_live_service) {
  const auto id = id_of(create("mine"));
  const auto version = deploy(id);
  EXPECT_FALSE(version.at("deployed").as_bool());
  EXPECT_EQ(version.at("number").as_int64(), 1);
  EXPECT_EQ(version.at("status").as_string(), "built");
  EXPECT_EQ(version.at("action").at("id").as_string(), id);
  EXPECT_TRUE(version.at("action").at("all_changes_deployed").as_bool());
  EXPECT_FALSE(version.contains("warnings"));

  auto action = get("actions/actions/" + id);
  EXPECT_EQ(action.at("status").as_string(), "built");
  EXPECT_EQ(action.at("current_version").at("status").as_string(), "BUILT");
  EXPECT_EQ(action.at("current_version").at("id"), version.at("id"));
  EXPECT_TRUE(action.at("deployed_version").at("deployed").as_bool());
  EXPECT_EQ(action.at("deployed_version").at("status").as_string(), "built");
  EXPECT_TRUE(action.at("all_changes_deployed").as_bool());
  ASSERT_THAT(desk.built, SizeIs(1));
  EXPECT_EQ(desk.built[0].version_id, json::find_string(version, "id"));

  world.managed(http::Method::patch, "actions/actions/" + id, json::object{{"code", "changed"}});
  action = get("actions/actions/" + id);
  EXPECT_FALSE(action.at("all_changes_deployed").as_bool());
  EXPECT_EQ(action.at("code").as_string(), "changed");
  EXPECT_EQ(action.at("deployed_version").at("code").as_string(), kCode);
  EXPECT_EQ(deploy(id).at("number").as_int64(), 2);
}

TEST_F(ActionsApi, creates_and_updates_deployed_ones_in_one_call) {
  const auto created = create("mine", "post-login", {{"deploy", true}});
  EXPECT_EQ(created.at("status").as_string(), "built");
  EXPECT_TRUE(created.at("all_changes_deployed").as_bool());
  const auto updated = world.managed(http::Method::patch, "actions/actions/" + id_of(created),
                                     json::object{{"code", "changed"}, {"deploy", true}});
  EXPECT_EQ(updated.at("deployed_version").at("number").as_int64(), 2);
  EXPECT_TRUE(updated.at("all_changes_deployed").as_bool());
}

TEST_F(ActionsApi, tells_what_does_not_build_and_keeps_what_runs) {
  const auto id = deployed("mine");
  world.managed(http::Method::patch, "actions/actions/" + id, json::object{{"code", "}{"}});
  EXPECT_THAT(refusal(world.manage(http::Method::post, "actions/actions/" + id + "/deploy")), HasSubstr("SyntaxError"));
  EXPECT_EQ(get("actions/actions/" + id).at("deployed_version").at("number").as_int64(), 1);

  const auto refused = world.manage(http::Method::post, "actions/actions",
                                    json::object{{"name", "other"},
                                                 {"supported_triggers", json::array{json::object{{"id", "post-login"}}}},
                                                 {"code", "}{"},
                                                 {"deploy", true}});
  EXPECT_THAT(refusal(refused), HasSubstr("SyntaxError"));
  EXPECT_THAT(names_in(get("actions/actions"), "actions", "name"), ElementsAre("mine"));

  const auto empty =
      id_of(world
                .managed(http::Method::post, "actions/actions",
                         json::object{{"name", "empty"}, {"supported_triggers", json::array{json::object{{"id", "post-login"}}}}})
                .get_object());
  EXPECT_THAT(refusal(world.manage(http::Method::post, "actions/actions/" + empty + "/deploy")), HasSubstr("has no code"));
}

TEST_F(ActionsApi, refuses_to_deploy_where_nothing_runs_them) {
  const auto id = id_of(create("mine"));
  desk.broken = "Actions need bubblewrap, which is not installed.";
  EXPECT_THAT(refusal(world.manage(http::Method::post, "actions/actions/" + id + "/deploy"), 403), HasSubstr("bubblewrap"));
  EXPECT_THAT(
      refusal(world.manage(http::Method::post, "actions/actions/" + id + "/test", json::object{{"payload", json::object{}}}),
              403),
      HasSubstr("bubblewrap"));

  World without;
  const auto body =
      json::object{{"name", "x"}, {"supported_triggers", json::array{json::object{{"id", "post-login"}}}}, {"code", kCode}};
  const auto other = without.managed(http::Method::post, "actions/actions", body).get_object();
  EXPECT_THAT(refusal(without.manage(http::Method::post, "actions/actions/" + id_of(other) + "/deploy"), 403),
              HasSubstr("does not run Actions"));
}

TEST_F(ActionsApi, deploys_nothing_that_changed_while_it_was_built) {
  const auto id = id_of(create("mine"));
  desk.during_build = [&] {
    world.managed(http::Method::patch, "actions/actions/" + id, json::object{{"code", "changed meanwhile"}});
  };
  EXPECT_THAT(refusal(world.manage(http::Method::post, "actions/actions/" + id + "/deploy"), 409), HasSubstr("Deploy it again"));
  EXPECT_FALSE(get("actions/actions/" + id).contains("deployed_version"));
  desk.during_build = [&] { world.manage(http::Method::delete_, "actions/actions/" + id); };
  EXPECT_EQ(refusal(world.manage(http::Method::post, "actions/actions/" + id + "/deploy"), 404), "That action does not exist.");
}

TEST_F(ActionsApi, never_shows_a_secret_and_hands_it_to_the_runtime) {
  const auto created = create("mine", "post-login",
                              {{"deploy", true},
                               {"secrets", json::array{json::object{{"name", "A"}, {"value", "alpha-secret"}},
                                                       json::object{{"name", "B"}, {"value", "beta-secret"}}}}});
  const auto id = id_of(created);
  EXPECT_EQ(desk.opened["A"], "alpha-secret");
  const auto shown =
      json::write(get("actions/actions/" + id)) + json::write(created) + json::write(get("actions/actions/" + id + "/versions"));
  EXPECT_THAT(shown, Not(HasSubstr("alpha-secret")));
  EXPECT_THAT(names_of(created.at("secrets").at(0).get_object()), ElementsAre("name", "updated_at"));

  world.clock.advance(std::chrono::seconds(5));
  const json::array secrets{json::object{{"name", "A"}}, json::object{{"name", "C"}, {"value", "gamma-secret"}}};
  const auto patched =
      world.managed(http::Method::patch, "actions/actions/" + id, json::object{{"secrets", secrets}}).get_object();
  EXPECT_THAT(names_in(patched, "secrets", "name"), ElementsAre("A", "C"));
  EXPECT_EQ(patched.at("secrets").at(0).at("updated_at"), created.at("secrets").at(0).at("updated_at"));
  EXPECT_NE(patched.at("secrets").at(1).at("updated_at"), created.at("secrets").at(0).at("updated_at"));
  desk.opened.clear();
  deploy(id);
  EXPECT_EQ(desk.opened, (std::map<std::string, std::string>{{"A", "alpha-secret"}, {"C", "gamma-secret"}}));
  // What an older version was deployed with is still there for going back.
  EXPECT_THAT(get("actions/actions/" + id + "/versions").at("versions").at(1).at("secrets").get_array(), SizeIs(2));
  EXPECT_THAT(refusal(world.manage(http::Method::patch, "actions/actions/" + id,
                                   json::object{{"secrets", json::array{json::object{{"name", "NEW"}}}}})),
              HasSubstr("no value yet"));
}

TEST_F(ActionsApi, has_no_secret_readable_in_its_database) {
  const auto id =
      id_of(create("mine", "post-login",
                   {{"secrets", json::array{json::object{{"name", "A"}, {"value", "alpha-secret-of-forty-characters"}}}}}));
  const auto stored = world.node().product().store().read(
      world.tenant(), [&](const store::Reader& r) { return store::action_secrets::list_of_owner(r, id); });
  ASSERT_THAT(stored, SizeIs(1));
  EXPECT_THAT(stored.begin()->second, Not(HasSubstr("alpha-secret")));
}

TEST_F(ActionsApi, lists_pages_that_end_for_clients_that_count) {
  EXPECT_EQ(json::write(get("actions/actions?page=0&per_page=100")), R"({"per_page":100,"actions":[]})");
  create("a");
  world.clock.advance(std::chrono::seconds(1));
  create("b", "credentials-exchange");
  world.clock.advance(std::chrono::seconds(1));
  deployed("c");
  const auto first = get("actions/actions?page=0&per_page=2");
  EXPECT_EQ(first.at("total").as_int64(), 3);
  EXPECT_FALSE(first.contains("page"));
  EXPECT_EQ(get("actions/actions?page=1&per_page=2").at("page").as_int64(), 1);
  EXPECT_EQ(json::write(get("actions/actions?page=2&per_page=2")), R"({"page":2,"per_page":2,"actions":[]})");
  EXPECT_THAT(names_in(get("actions/actions?triggerId=post-login"), "actions", "name"), ElementsAre("a", "c"));
  EXPECT_THAT(names_in(get("actions/actions?actionName=b"), "actions", "name"), ElementsAre("b"));
  EXPECT_THAT(names_in(get("actions/actions?deployed=true"), "actions", "name"), ElementsAre("c"));
  EXPECT_THAT(names_in(get("actions/actions?installed=true"), "actions", "name"), IsEmpty());
  EXPECT_EQ(refusal(world.manage(http::Method::get, "actions/actions?include_totals=true")),
            "Query validation error: 'Additional properties not allowed: include_totals'.");
}

TEST_F(ActionsApi, goes_back_to_an_earlier_version) {
  const auto id = deployed("mine");
  const auto first = get("actions/actions/" + id + "/versions").at("versions").at(0).get_object();
  world.managed(http::Method::patch, "actions/actions/" + id, json::object{{"code", "second"}, {"deploy", true}});
  const auto back =
      world.managed(http::Method::post, "actions/actions/" + id + "/versions/" + id_of(first) + "/deploy", json::object{});
  EXPECT_EQ(back.at("number").as_int64(), 3);
  EXPECT_NE(back.at("id"), first.at("id"));
  auto action = get("actions/actions/" + id);
  EXPECT_EQ(action.at("deployed_version").at("code").as_string(), kCode);
  EXPECT_EQ(action.at("code").as_string(), "second");
  EXPECT_FALSE(action.at("all_changes_deployed").as_bool());
  world.managed(http::Method::post, "actions/actions/" + id + "/versions/" + id_of(first) + "/deploy",
                json::object{{"update_draft", true}});
  action = get("actions/actions/" + id);
  EXPECT_EQ(action.at("code").as_string(), kCode);
  EXPECT_TRUE(action.at("all_changes_deployed").as_bool());

  const auto versions = get("actions/actions/" + id + "/versions?per_page=3");
  EXPECT_EQ(versions.at("total").as_int64(), 4);
  EXPECT_EQ(versions.at("versions").at(0).at("number").as_int64(), 4);
  EXPECT_TRUE(versions.at("versions").at(0).at("deployed").as_bool());
  EXPECT_FALSE(versions.at("versions").at(1).at("deployed").as_bool());
  EXPECT_EQ(get("actions/actions/" + id + "/versions/" + id_of(first)).at("number").as_int64(), 1);
  EXPECT_EQ(refusal(world.manage(http::Method::get, "actions/actions/" + id + "/versions/none"), 404),
            "The action version does not exist");
  EXPECT_EQ(refusal(world.manage(http::Method::post, "actions/actions/" + id + "/versions/none/deploy"), 404),
            "The action version does not exist");
}

TEST_F(ActionsApi, goes_back_to_the_packages_of_an_earlier_version) {
  const auto id =
      deployed("mine", "post-login", {{"dependencies", json::array{json::object{{"name", "lodash"}, {"version", "4.17.21"}}}}});
  const auto first = desk.built.back();
  EXPECT_EQ(first.lockfile, "") << "nothing is known before npm has run";
  EXPECT_EQ(snapshot()->bindings("post-login")->size(), 0u);
  deploy(id);
  EXPECT_EQ(desk.built.back().lockfile, "") << "a draft is resolved anew";
  world.managed(http::Method::post, "actions/actions/" + id + "/versions/" + first.version_id + "/deploy");
  EXPECT_EQ(desk.built.back().lockfile, "lock of " + first.version_id);
  ASSERT_EQ(bind({binding("action_id", id)}).status, 200);
  EXPECT_EQ(snapshot()->bindings("post-login")->at(0).action.lockfile, "lock of " + first.version_id)
      << "every node installs the same";
}

TEST_F(ActionsApi, what_is_sent_or_deployed_again_is_no_change) {
  const auto id = deployed("mine");
  const auto changes = world.logs("type:sapi").size();
  world.managed(http::Method::patch, "actions/actions/" + id, json::object{{"name", "mine"}, {"code", kCode}});
  EXPECT_EQ(deploy(id).at("number").as_int64(), 1);
  EXPECT_TRUE(get("actions/actions/" + id).at("all_changes_deployed").as_bool());
  EXPECT_EQ(world.logs("type:sapi").size(), changes);
}

TEST_F(ActionsApi, keeps_fifty_versions) {
  const auto id = deployed("mine");
  const auto first = id_of(get("actions/actions/" + id + "/versions").at("versions").at(0).get_object());
  for (int k = 0; k < 50; ++k) {
    world.managed(http::Method::patch, "actions/actions/" + id, json::object{{"code", kCode + (" // " + std::to_string(k))}});
    deploy(id);
  }
  EXPECT_EQ(get("actions/actions/" + id + "/versions").at("total").as_int64(), 50);
  EXPECT_EQ(world.manage(http::Method::get, "actions/actions/" + id + "/versions/" + first).status, 404);
}

TEST_F(ActionsApi, holds_a_hundred_actions) {
  for (int k = 0; k < 100; ++k) create("n" + std::to_string(k));
  const auto refused =
      world.manage(http::Method::post, "actions/actions",
                   json::object{{"name", "one more"}, {"supported_triggers", json::array{json::object{{"id", "post-login"}}}}});
  EXPECT_THAT(refusal(refused, 403), HasSubstr("reached the limit"));
}

TEST_F(ActionsApi, refuses_what_would_not_run) {
  const auto refuse = [&](json::object more, int status = 400) {
    json::object body{{"name", "x"}, {"supported_triggers", json::array{json::object{{"id", "post-login"}}}}, {"code", kCode}};
    for (const auto& member : more) body[member.key()] = member.value();
    return refusal(world.manage(http::Method::post, "actions/actions", body), status);
  };
  EXPECT_THAT(refuse({{"supported_triggers", json::array{json::object{{"id", "send-phone-message"}}}}}), HasSubstr("not served"));
  EXPECT_THAT(refuse({{"supported_triggers", json::array{}}}), HasSubstr("Array is too short"));
  EXPECT_THAT(refuse({{"supported_triggers",
                       json::array{json::object{{"id", "post-login"}}, json::object{{"id", "credentials-exchange"}}}}}),
              HasSubstr("Array is too long"));
  EXPECT_THAT(refuse({{"dependencies", json::array{json::object{{"name", "lodash"}, {"version", "^4.0.0"}}}}}),
              HasSubstr("one exact version"));
  EXPECT_THAT(refuse({{"runtime", "node12"}}), HasSubstr("node22"));
  EXPECT_THAT(refuse({{"modules", json::array{json::object{{"module_name", "none"}}}}}), HasSubstr("no module \"none\""));
  EXPECT_THAT(refuse({{"surprise", true}}), HasSubstr("Additional properties not allowed: surprise"));
  const auto id = id_of(create("x"));
  EXPECT_THAT(refuse({}, 409), HasSubstr("already exists"));
  EXPECT_THAT(
      refusal(world.manage(http::Method::patch, "actions/actions/" + id,
                           json::object{{"supported_triggers", json::array{json::object{{"id", "credentials-exchange"}}}}})),
      HasSubstr("cannot be changed"));
  for (const auto* path : {"actions/actions/none", "actions/actions/none/versions"})
    EXPECT_EQ(refusal(world.manage(http::Method::get, path), 404), "That action does not exist.");
}

TEST_F(ActionsApi, tries_a_draft_out) {
  const auto id = id_of(create("mine"));
  const auto answer =
      world.managed(http::Method::post, "actions/actions/" + id + "/test", json::object{{"payload", json::object{{"a", 1}}}});
  EXPECT_EQ(json::write(answer.at("payload").at("event")), R"({"a":1})");
  EXPECT_EQ(answer.at("payload").at("code").as_string(), kCode);
}

}  // namespace
}  // namespace segue::test
