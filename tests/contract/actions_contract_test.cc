// What Actions, their versions, bindings, secrets, modules, executions and token-exchange profiles promise, on both engines.
#include "contract/session_graph_fixture.h"
#include "store/action_executions.h"
#include "store/action_modules.h"
#include "store/action_secrets.h"
#include "store/actions.h"
#include "store/sealed_values.h"
#include "store/token_exchange_profiles.h"
#include "store/trigger_bindings.h"

namespace segue::store {
namespace {

namespace bindings = trigger_bindings;
namespace executions = action_executions;
namespace modules = action_modules;
namespace profiles = token_exchange_profiles;
namespace secrets = action_secrets;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Actions : public SessionGraph {
 protected:
  model::ActionSource source(const std::string& code = "exports.onExecutePostLogin = async () => {};") {
    return {.code = code,
            .runtime = "node22",
            .trigger_version = "v3",
            .dependencies = {{"lodash", "4.17.21"}},
            .secrets = {{.name = "KEY", .secret_id = "as_1", .updated_at = now()}},
            .modules = {{"mod_1", "shared", "mov_1", 3}}};
  }
  model::Action action(const std::string& id, const std::string& name, const std::string& trigger = "post-login") {
    clock_.advance(std::chrono::seconds(1));
    return {.action_id = id,
            .name = name,
            .trigger_id = trigger,
            .draft = source(),
            .deployed_version = {},
            .created_at = now(),
            .updated_at = now()};
  }
  actions::Written insert(const model::Action& a, base::TenantId tenant = kOne) {
    return write([&](const Writer& w) { return actions::insert(w, a); }, tenant);
  }
  void deploy(const std::string& action_id, const std::string& version_id, std::int64_t number, const model::ActionSource& what) {
    run([&](const Writer& w) {
      actions::deploy(w,
                      {.action_id = action_id, .version_id = version_id, .number = number, .source = what, .created_at = now()});
    });
  }
  std::optional<model::Action> find(const std::string& id, base::TenantId tenant = kOne) {
    return read([&](const Reader& r) { return actions::find(r, id); }, tenant);
  }
  std::vector<std::string> names(const actions::Filter& filter, const Offset& offset = {0, 9}) {
    std::vector<std::string> out;
    for (const auto& a : read([&](const Reader& r) { return actions::list_page(r, filter, offset); })) out.push_back(a.name);
    return out;
  }
  void add_secret(const std::string& owner_id, const std::string& secret_id, const std::string& sealed) {
    run([&](const Writer& w) {
      secrets::insert(w, owner_id, {.name = "KEY", .secret_id = secret_id, .updated_at = now(), .sealed = sealed});
    });
  }
  std::map<std::string, std::string> secrets_of(const std::string& owner_id, base::TenantId tenant = kOne) {
    return read([&](const Reader& r) { return secrets::list_of_owner(r, owner_id); }, tenant);
  }
  model::ActionBinding binding(const std::string& id, const std::string& action_id) {
    return {id, "post-login", action_id, "shown " + id, now(), now()};
  }
  void bind(const std::vector<model::ActionBinding>& list, base::TenantId tenant = kOne) {
    run([&](const Writer& w) { bindings::replace(w, "post-login", list); }, tenant);
  }
  std::vector<std::string> bound(base::TenantId tenant = kOne) {
    std::vector<std::string> out;
    for (const auto& b : read([](const Reader& r) { return bindings::list(r, "post-login"); }, tenant))
      out.push_back(b.binding_id);
    return out;
  }
  model::ActionModule module(const std::string& id, const std::string& name) {
    clock_.advance(std::chrono::seconds(1));
    return {.module_id = id,
            .name = name,
            .draft = source("exports.x = 1;"),
            .latest_version = {},
            .created_at = now(),
            .updated_at = now()};
  }
  bool insert_module(const model::ActionModule& m, base::TenantId tenant = kOne) {
    return write([&](const Writer& w) { return modules::insert(w, m); }, tenant);
  }
  model::TokenExchangeProfile profile(const std::string& id, const std::string& type) {
    return {.profile_id = id,
            .name = "old tokens",
            .subject_token_type = type,
            .action_id = "act_1",
            .created_at = now(),
            .updated_at = now()};
  }
  profiles::Written insert_profile(const model::TokenExchangeProfile& p, base::TenantId tenant = kOne) {
    return write([&](const Writer& w) { return profiles::insert(w, p); }, tenant);
  }
  std::int64_t version(base::TenantId tenant = kOne) {
    return read([](const Reader& r) { return tenants::config_version(r); }, tenant);
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, Actions, ::testing::ValuesIn(every_place()), place_name);

TEST_P(Actions, come_back_as_they_were_written) {
  const auto a = action("act_1", "Zoë's");
  EXPECT_EQ(insert(a), actions::Written::done);
  for (const auto& found : {find("act_1"), read([](const Reader& r) { return actions::find_by_name(r, "Zoë's"); }),
                            write([](const Writer& w) { return actions::find_for_change(w, "act_1"); })}) {
    ASSERT_TRUE(found);
    EXPECT_EQ(found->action_id, "act_1");
    EXPECT_EQ(found->trigger_id, "post-login");
    EXPECT_EQ(found->draft, a.draft);
    EXPECT_EQ(found->draft.secrets[0].updated_at, a.draft.secrets[0].updated_at);
    EXPECT_EQ(found->created_at, a.created_at);
    EXPECT_EQ(found->updated_at, a.updated_at);
    EXPECT_EQ(found->last_number, 0);
    EXPECT_FALSE(found->deployed_version);
    EXPECT_FALSE(found->all_changes_deployed());
  }
}

TEST_P(Actions, have_names_of_their_own) {
  insert(action("act_1", "one"));
  insert(action("act_2", "two"));
  EXPECT_EQ(insert(action("act_3", "one")), actions::Written::taken);
  const auto update = [&](const model::Action& a) { return write([&](const Writer& w) { return actions::update(w, a); }); };
  EXPECT_EQ(update(action("act_2", "one")), actions::Written::taken);
  EXPECT_EQ(update(action("act_9", "nine")), actions::Written::missing);
  auto changed = action("act_2", "three");
  changed.draft.code = "changed";
  EXPECT_EQ(update(changed), actions::Written::done);
  EXPECT_EQ(find("act_2")->name, "three");
  EXPECT_EQ(find("act_2")->draft.code, "changed");
}

TEST_P(Actions, are_listed_by_trigger_name_and_deployment) {
  insert(action("act_2", "a"));
  insert(action("act_1", "b", "credentials-exchange"));
  deploy("act_1", "ver_1", 1, source());
  EXPECT_THAT(names({}), ElementsAre("a", "b"));
  EXPECT_THAT(names({}, {1, 1}), ElementsAre("b"));
  EXPECT_THAT(names({.trigger_id = "post-login", .name = "", .deployed = {}}), ElementsAre("a"));
  EXPECT_THAT(names({.trigger_id = "", .name = "b", .deployed = {}}), ElementsAre("b"));
  EXPECT_THAT(names({.trigger_id = "", .name = "", .deployed = true}), ElementsAre("b"));
  EXPECT_THAT(names({.trigger_id = "", .name = "", .deployed = false}), ElementsAre("a"));
  EXPECT_EQ(read([](const Reader& r) { return actions::count(r); }), 2);
  EXPECT_EQ(read([](const Reader& r) { return actions::count(r, {.trigger_id = "", .name = "", .deployed = true}); }), 1);
}

TEST_P(Actions, run_the_version_that_was_deployed_last) {
  insert(action("act_1", "one"));
  const auto before = version();
  deploy("act_1", "ver_1", 1, source("first"));
  EXPECT_GT(version(), before);
  deploy("act_1", "ver_2", 2, source());
  const auto found = find("act_1");
  ASSERT_TRUE(found->deployed_version);
  EXPECT_EQ(found->deployed_version->version_id, "ver_2");
  EXPECT_EQ(found->deployed_version->action_id, "act_1");
  EXPECT_EQ(found->last_number, 2);
  EXPECT_TRUE(found->all_changes_deployed());
  const auto list = read([](const Reader& r) { return actions::list_versions(r, "act_1", {0, 9}); });
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].version_id, "ver_2");
  EXPECT_EQ(list[1].source.code, "first");
  EXPECT_EQ(read([](const Reader& r) { return actions::count_versions(r, "act_1"); }), 2);
  EXPECT_EQ(read([](const Reader& r) { return actions::find_version(r, "act_1", "ver_1"); })->number, 1);
  EXPECT_FALSE(read([](const Reader& r) { return actions::find_version(r, "act_2", "ver_1"); }));
}

TEST_P(Actions, forget_their_oldest_versions) {
  insert(action("act_1", "one"));
  for (int k = 1; k <= 4; ++k) deploy("act_1", "ver_" + std::to_string(k), k, source());
  EXPECT_EQ(write([](const Writer& w) { return actions::prune_versions(w, "act_1", 3); }), 1);
  EXPECT_FALSE(read([](const Reader& r) { return actions::find_version(r, "act_1", "ver_1"); }));
  EXPECT_EQ(write([](const Writer& w) { return actions::prune_versions(w, "act_1", 0); }), 2);
  EXPECT_TRUE(find("act_1")->deployed_version);
}

TEST_P(Actions, keep_the_secrets_that_a_draft_or_a_version_names) {
  insert(action("act_1", "one"));
  deploy("act_1", "ver_1", 1, source());
  for (const auto* id : {"as_1", "as_2", "as_3"}) add_secret("act_1", id, std::string("\0sealed\xff", 8));
  add_secret("act_2", "as_4", "another's");
  auto changed = action("act_1", "one");
  changed.draft.secrets[0].secret_id = "as_2";
  run([&](const Writer& w) {
    actions::update(w, changed);
    actions::forget_unused_secrets(w, "act_1");
  });
  const auto kept = secrets_of("act_1");
  ASSERT_EQ(kept.size(), 2u);
  EXPECT_EQ(kept.at("as_1"), std::string("\0sealed\xff", 8));
  EXPECT_TRUE(kept.contains("as_2"));
  EXPECT_EQ(secrets_of("act_2").size(), 1u);
}

TEST_P(Actions, have_sealed_values_that_a_new_key_file_reaches) {
  add_secret("act_1", "as_1", "old");
  const auto* const column = sealed_values::find_column(secrets::kSealPurpose);
  ASSERT_NE(column, nullptr);
  const auto listed = read([&](const Reader& r) { return sealed_values::list(r, *column); });
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(listed[0].id, "as_1");
  const auto replace = [&](std::string_view to) {
    return write([&](const Writer& w) { return sealed_values::replace(w, *column, listed[0], to); });
  };
  EXPECT_TRUE(replace("new"));
  EXPECT_FALSE(replace("newer"));
  EXPECT_EQ(secrets_of("act_1").at("as_1"), "new");
}

TEST_P(Actions, become_runnable_with_modules_and_sealed_secrets) {
  insert(action("act_1", "one"));
  deploy("act_1", "ver_1", 1, source());
  add_secret("act_1", "as_1", "sealed");
  add_secret("mod_1", "as_2", "the module's");
  insert_module(module("mod_1", "shared"));
  auto shared = source("exports.y = 2;");
  shared.secrets[0].secret_id = "as_2";
  run([&](const Writer& w) {
    modules::publish(w, {.module_id = "mod_1", .version_id = "mov_1", .number = 1, .source = shared, .created_at = now()});
  });
  const auto runnable = read([&](const Reader& r) {
    const auto a = actions::find(r, "act_1");
    return actions::runnable(r, *a, *a->deployed_version);
  });
  EXPECT_EQ(runnable.version_id, "ver_1");
  EXPECT_EQ(runnable.trigger_id, "post-login");
  EXPECT_EQ(runnable.dependencies, source().dependencies);
  ASSERT_EQ(runnable.secrets.size(), 1u);
  EXPECT_EQ(runnable.secrets[0].sealed, "sealed");
  ASSERT_EQ(runnable.modules.size(), 1u);
  EXPECT_EQ(runnable.modules[0].name, "shared");
  EXPECT_EQ(runnable.modules[0].code, "exports.y = 2;");
  EXPECT_EQ(runnable.modules[0].secrets.at(0).sealed, "the module's");
}

TEST_P(Actions, keep_with_a_version_what_npm_installed_for_it) {
  insert(action("act_1", "one"));
  insert_module(module("mod_1", "shared"));
  run([&](const Writer& w) {
    actions::deploy(
        w,
        {.action_id = "act_1", .version_id = "ver_1", .number = 1, .source = source(), .created_at = now(), .lockfile = "{1}"});
    modules::publish(
        w,
        {.module_id = "mod_1", .version_id = "mov_1", .number = 1, .source = source(), .created_at = now(), .lockfile = "{2}"});
  });
  const auto runnable = read([&](const Reader& r) {
    const auto a = actions::find(r, "act_1");
    return actions::runnable(r, *a, *a->deployed_version);
  });
  EXPECT_EQ(runnable.lockfile, "{1}");
  EXPECT_EQ(runnable.modules.at(0).lockfile, "{2}");
  EXPECT_TRUE(read([](const Reader& r) { return actions::has_version(r, "ver_1") && modules::has_version(r, "mov_1"); }));
  EXPECT_FALSE(read([](const Reader& r) { return actions::has_version(r, "mov_1") || modules::has_version(r, "ver_1"); }));
  read(
      [](const Reader& r) {
        EXPECT_EQ(actions::lockfile(r, "act_1", "ver_1"), "");
        EXPECT_FALSE(actions::has_version(r, "ver_1"));
        EXPECT_FALSE(modules::has_version(r, "mov_1"));
        EXPECT_EQ(modules::lockfile(r, "mod_1", "mov_1"), "");
        return true;
      },
      kTwo);
}

TEST_P(Actions, are_bound_in_order) {
  const auto before = version();
  bind({binding("b", "act_1"), binding("a", "act_2"), binding("c", "act_1")});
  EXPECT_GT(version(), before);
  EXPECT_THAT(bound(), ElementsAre("b", "a", "c"));
  const auto first = read([](const Reader& r) { return bindings::list(r, "post-login"); }).at(0);
  EXPECT_EQ(first.action_id, "act_1");
  EXPECT_EQ(first.display_name, "shown b");
  EXPECT_EQ(first.trigger_id, "post-login");
  EXPECT_EQ(first.created_at, now());
  EXPECT_EQ(read([](const Reader& r) { return bindings::list_of_action(r, "act_1"); }).size(), 2u);
  EXPECT_EQ(write([](const Writer& w) { return bindings::delete_of_action(w, "act_1"); }), 2);
  EXPECT_THAT(bound(), ElementsAre("a"));
  bind({});
  EXPECT_THAT(bound(), IsEmpty());
}

// Two lists that interleave would run neither what the one nor what the other asked for.
TEST_P(Actions, are_bound_as_one_of_many_writers_said) {
  const auto all = winners([&](const Writer& w, int k) {
    const auto mine = std::to_string(k);
    bindings::replace(w, "post-login", {binding(mine + "a", "act_" + mine), binding(mine + "b", "act_" + mine)});
    return true;
  });
  EXPECT_EQ(all, kThreads);
  const auto list = read([](const Reader& r) { return bindings::list(r, "post-login"); });
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].action_id, list[1].action_id);
}

TEST_P(Actions, take_everything_of_theirs_along) {
  insert(action("act_1", "one"));
  deploy("act_1", "ver_1", 1, source());
  add_secret("act_1", "as_1", "sealed");
  bind({binding("b", "act_1")});
  insert_profile(profile("tep_1", "https://old.example/token"));
  const auto before = version();
  EXPECT_TRUE(write([](const Writer& w) { return actions::delete_one(w, "act_1"); }));
  EXPECT_FALSE(write([](const Writer& w) { return actions::delete_one(w, "act_1"); }));
  EXPECT_GT(version(), before);
  EXPECT_FALSE(find("act_1"));
  EXPECT_EQ(read([](const Reader& r) { return actions::count_versions(r, "act_1"); }), 0);
  EXPECT_THAT(secrets_of("act_1"), IsEmpty());
  EXPECT_THAT(bound(), IsEmpty());
  EXPECT_FALSE(read([](const Reader& r) { return profiles::find(r, "tep_1"); }));
}

TEST_P(Actions, share_modules_whose_versions_stay) {
  EXPECT_TRUE(insert_module(module("mod_1", "shared")));
  EXPECT_FALSE(insert_module(module("mod_2", "shared")));
  EXPECT_TRUE(insert_module(module("mod_2", "other")));
  EXPECT_FALSE(read([](const Reader& r) { return modules::find(r, "mod_1"); })->latest_version);
  run([&](const Writer& w) {
    modules::publish(w, {.module_id = "mod_1", .version_id = "mov_1", .number = 1, .source = source("old"), .created_at = now()});
    modules::publish(
        w, {.module_id = "mod_1", .version_id = "mov_2", .number = 2, .source = source("exports.x = 1;"), .created_at = now()});
  });
  const auto found = write([](const Writer& w) { return modules::find_for_change(w, "mod_1"); });
  ASSERT_TRUE(found && found->latest_version);
  EXPECT_EQ(found->latest_version->number, 2);
  EXPECT_TRUE(found->all_changes_published());
  auto changed = *found;
  changed.draft.code = "new";
  EXPECT_TRUE(write([&](const Writer& w) { return modules::update_draft(w, changed); }));
  EXPECT_FALSE(read([](const Reader& r) { return modules::find(r, "mod_1"); })->all_changes_published());
  EXPECT_EQ(read([](const Reader& r) { return modules::find_version(r, "mod_1", "mov_1"); })->source.code, "old");
  EXPECT_EQ(read([](const Reader& r) { return modules::list_versions(r, "mod_1", {0, 9}); }).at(0).version_id, "mov_2");
  EXPECT_EQ(read([](const Reader& r) { return modules::count_versions(r, "mod_1"); }), 2);
  EXPECT_EQ(read([](const Reader& r) { return modules::list_page(r, {0, 9}); }).at(1).name, "other");
  EXPECT_EQ(read([](const Reader& r) { return modules::count(r); }), 2);

  add_secret("mod_1", "as_1", "named");
  add_secret("mod_1", "as_2", "not named");
  run([](const Writer& w) { modules::forget_unused_secrets(w, "mod_1"); });
  EXPECT_EQ(secrets_of("mod_1").size(), 1u);

  insert(action("act_1", "uses"));
  auto free = action("act_2", "does not");
  free.draft.modules.clear();
  insert(free);
  const auto uses = [&] {
    std::vector<std::string> out;
    for (const auto& use : read([](const Reader& r) { return actions::module_uses(r); }))
      out.push_back(use.action_name + " " + use.module.module_version_id);
    return out;
  };
  EXPECT_THAT(uses(), ElementsAre("uses mov_1"));
  deploy("act_2", "ver_1", 1, source());
  deploy("act_1", "ver_1", 1, source());
  EXPECT_THAT(uses(), ElementsAre("uses mov_1", "does not mov_1"));

  EXPECT_TRUE(write([](const Writer& w) { return modules::delete_one(w, "mod_1"); }));
  EXPECT_FALSE(write([](const Writer& w) { return modules::delete_one(w, "mod_1"); }));
  EXPECT_EQ(read([](const Reader& r) { return modules::count_versions(r, "mod_1"); }), 0);
  EXPECT_THAT(secrets_of("mod_1"), IsEmpty());
}

TEST_P(Actions, leave_executions_for_ten_days) {
  model::ActionExecution e{.execution_id = "exe_1",
                           .trigger_id = "post-login",
                           .results = {json::object{{"action_name", "one"}}},
                           .created_at = now(),
                           .updated_at = now() + std::chrono::seconds(1)};
  run([&](const Writer& w) { executions::insert(w, e); });
  const auto find_execution = [&](base::TenantId tenant = kOne) {
    return read([&](const Reader& r) { return executions::find(r, "exe_1", now()); }, tenant);
  };
  const auto found = find_execution();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->trigger_id, "post-login");
  EXPECT_EQ(found->status, "final");
  EXPECT_EQ(found->results, e.results);
  EXPECT_EQ(found->created_at, e.created_at);
  EXPECT_EQ(found->updated_at, e.updated_at);
  EXPECT_FALSE(find_execution(kTwo));
  clock_.advance(executions::kKept - std::chrono::minutes(1));
  EXPECT_TRUE(find_execution());
  EXPECT_FALSE(read([&](const Reader& r) { return executions::has_expired(r, now()); }));
  EXPECT_EQ(write([&](const Writer& w) { return executions::sweep(w, now(), 9); }), 0);
  clock_.advance(std::chrono::minutes(2));
  EXPECT_FALSE(find_execution());
  EXPECT_FALSE(read([&](const Reader& r) { return executions::has_expired(r, now()); }, kTwo));
  EXPECT_EQ(write([&](const Writer& w) { return executions::sweep(w, now(), 9); }, kTwo), 0);
  EXPECT_TRUE(read([&](const Reader& r) { return executions::has_expired(r, now()); }));
  EXPECT_EQ(write([&](const Writer& w) { return executions::sweep(w, now(), 9); }), 1);
}

TEST_P(Actions, answer_exchanges_of_a_subject_token_type) {
  const auto before = version();
  EXPECT_EQ(insert_profile(profile("tep_1", "https://a.example")), profiles::Written::done);
  EXPECT_GT(version(), before);
  EXPECT_EQ(insert_profile(profile("tep_2", "https://a.example")), profiles::Written::taken);
  EXPECT_EQ(insert_profile(profile("tep_2", "https://b.example")), profiles::Written::done);
  const auto found = read([](const Reader& r) { return profiles::find_by_type(r, "https://a.example"); });
  ASSERT_TRUE(found);
  EXPECT_EQ(found->profile_id, "tep_1");
  EXPECT_EQ(found->name, "old tokens");
  EXPECT_EQ(found->action_id, "act_1");
  EXPECT_EQ(found->type, "custom_authentication");
  EXPECT_EQ(found->created_at, now());
  const auto update = [&](const model::TokenExchangeProfile& p) {
    return write([&](const Writer& w) { return profiles::update(w, p); });
  };
  EXPECT_EQ(update(profile("tep_2", "https://a.example")), profiles::Written::taken);
  EXPECT_EQ(update(profile("tep_9", "https://c.example")), profiles::Written::missing);
  EXPECT_EQ(update(profile("tep_2", "https://c.example")), profiles::Written::done);
  EXPECT_EQ(read([](const Reader& r) {
              return profiles::list_after(r, {"tep_1", 9});
            })
                .at(0)
                .subject_token_type,
            "https://c.example");
  EXPECT_EQ(read([](const Reader& r) { return profiles::list_of_action(r, "act_1"); }).size(), 2u);
  EXPECT_EQ(read([](const Reader& r) { return profiles::count(r); }), 2);
  EXPECT_TRUE(write([](const Writer& w) { return profiles::delete_one(w, "tep_1"); }));
  EXPECT_FALSE(write([](const Writer& w) { return profiles::delete_one(w, "tep_1"); }));
  EXPECT_EQ(write([](const Writer& w) { return profiles::delete_of_action(w, "act_1"); }), 1);
}

TEST_P(Actions, are_unknown_to_another_tenant) {
  insert(action("act_1", "one"));
  deploy("act_1", "ver_1", 1, source());
  add_secret("act_1", "as_1", "sealed");
  bind({binding("b", "act_1")});
  insert_module(module("mod_1", "shared"));
  run([&](const Writer& w) {
    modules::publish(w, {.module_id = "mod_1", .version_id = "mov_1", .number = 1, .source = source(), .created_at = now()});
  });
  insert_profile(profile("tep_1", "https://a.example"));
  read(
      [](const Reader& r) {
        EXPECT_FALSE(actions::find(r, "act_1"));
        EXPECT_FALSE(actions::find_by_name(r, "one"));
        EXPECT_THAT(actions::list_page(r, {}, {0, 9}), IsEmpty());
        EXPECT_EQ(actions::count(r), 0);
        EXPECT_FALSE(actions::find_version(r, "act_1", "ver_1"));
        EXPECT_THAT(actions::list_versions(r, "act_1", {0, 9}), IsEmpty());
        EXPECT_EQ(actions::count_versions(r, "act_1"), 0);
        EXPECT_TRUE(actions::module_uses(r).empty());
        EXPECT_THAT(secrets::list_of_owner(r, "act_1"), IsEmpty());
        EXPECT_THAT(bindings::list(r, "post-login"), IsEmpty());
        EXPECT_THAT(bindings::list_of_action(r, "act_1"), IsEmpty());
        EXPECT_FALSE(modules::find(r, "mod_1"));
        EXPECT_THAT(modules::list_page(r, {0, 9}), IsEmpty());
        EXPECT_EQ(modules::count(r), 0);
        EXPECT_FALSE(modules::find_version(r, "mod_1", "mov_1"));
        EXPECT_THAT(modules::list_versions(r, "mod_1", {0, 9}), IsEmpty());
        EXPECT_EQ(modules::count_versions(r, "mod_1"), 0);
        EXPECT_FALSE(profiles::find(r, "tep_1"));
        EXPECT_FALSE(profiles::find_by_type(r, "https://a.example"));
        EXPECT_THAT(profiles::list_after(r, {"", 9}), IsEmpty());
        EXPECT_THAT(profiles::list_of_action(r, "act_1"), IsEmpty());
        EXPECT_EQ(profiles::count(r), 0);
        return true;
      },
      kTwo);
  run(
      [&](const Writer& w) {
        EXPECT_FALSE(actions::find_for_change(w, "act_1"));
        EXPECT_EQ(actions::update(w, action("act_1", "stolen")), actions::Written::missing);
        EXPECT_FALSE(actions::delete_one(w, "act_1"));
        EXPECT_EQ(actions::prune_versions(w, "act_1", 0), 0);
        actions::forget_unused_secrets(w, "act_1");
        EXPECT_EQ(secrets::keep_only(w, "act_1", {}), 0);
        bindings::replace(w, "post-login", {});
        EXPECT_EQ(bindings::delete_of_action(w, "act_1"), 0);
        EXPECT_FALSE(modules::find_for_change(w, "mod_1"));
        EXPECT_FALSE(modules::update_draft(w, module("mod_1", "stolen")));
        EXPECT_FALSE(modules::delete_one(w, "mod_1"));
        modules::forget_unused_secrets(w, "mod_1");
        EXPECT_EQ(profiles::update(w, profile("tep_1", "https://stolen.example")), profiles::Written::missing);
        EXPECT_FALSE(profiles::delete_one(w, "tep_1"));
        EXPECT_EQ(profiles::delete_of_action(w, "act_1"), 0);
      },
      kTwo);
  EXPECT_EQ(find("act_1")->name, "one");
  EXPECT_EQ(secrets_of("act_1").size(), 1u);
  EXPECT_THAT(bound(), ElementsAre("b"));
  EXPECT_TRUE(read([](const Reader& r) { return modules::find(r, "mod_1"); })->latest_version);
  EXPECT_TRUE(read([](const Reader& r) { return profiles::find(r, "tep_1"); }));
  EXPECT_EQ(insert(action("act_9", "one"), kTwo), actions::Written::done);
}

}  // namespace
}  // namespace segue::store
