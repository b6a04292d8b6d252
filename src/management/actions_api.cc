#include "management/actions_api.h"

#include "management/action_answers.h"
#include "management/action_fields.h"
#include "management/action_rules.h"
#include "management/answers.h"
#include "store/actions.h"
#include "store/token_exchange_profiles.h"
#include "store/trigger_bindings.h"

namespace segue::management {
namespace actions_api {
namespace {

namespace actions = store::actions;

base::Error name_is_taken(const std::string& name) {
  return conflict("An action with the name \"" + name + "\" already exists", "");
}
base::Error changed_meanwhile() { return conflict("The action was changed while it was being built. Deploy it again", ""); }

bool wants_deploy(const Invocation& invocation) {
  return json::find_bool(invocation.body.get_object(), "deploy").value_or(false);
}

base::Result<http::Response> list_actions(const Services& services, Invocation& invocation) {
  const auto& query = invocation.query;
  const auto offset = actions_page(query);
  const actions::Filter filter{.trigger_id = json::find_string(query, "triggerId").value_or(""),
                               .name = json::find_string(query, "actionName").value_or(""),
                               .deployed = json::find_bool(query, "deployed")};
  struct Found {
    std::vector<model::Action> actions;
    std::int64_t total = 0;
  };
  // No Action here comes from a marketplace.
  const bool matches_nothing = json::find_bool(query, "installed").value_or(false);
  const auto found = services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) {
    return matches_nothing ? Found{} : Found{actions::list_page(r, filter, offset), actions::count(r, filter)};
  });
  json::array items;
  for (const auto& action : found.actions) items.push_back(action_answer(action));
  return actions_page_answer("actions", offset, std::move(items), found.total);
}

base::Result<http::Response> get_action(const Services& services, Invocation& invocation) {
  const auto found = services.tenants.store().read(
      invocation.call.tenant, [&](const store::Reader& r) { return actions::find(r, invocation.call.path_parameter("id")); });
  if (!found) return inexistent_action();
  return json_answer(200, action_answer(*found));
}

base::Result<http::Response> create_action(const Services& services, Invocation& invocation) {
  if (wants_deploy(invocation) && invocation.call.lane != http::Lane::outbound) return http::continue_on(http::Lane::outbound);
  const auto& body = invocation.body.get_object();
  auto trigger = TRY(read_trigger(body));
  model::Action action{.action_id = new_uuid(services.random),
                       .name = json::find_string(body, "name").value_or(""),
                       .trigger_id = std::move(trigger.id),
                       .draft = {.code = {},
                                 .runtime = std::string(kDefaultActionRuntime),
                                 .trigger_version = std::move(trigger.version),
                                 .dependencies = {},
                                 .secrets = {},
                                 .modules = {}},
                       .deployed_version = {},
                       .created_at = invocation.now,
                       .updated_at = invocation.now};
  TRY(change_source(body, action.draft));
  const auto sealed = seal_secrets(services, invocation, body);
  TRY(change_secrets(body, sealed, action.draft));
  TRY(services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) -> base::Outcome {
    // Asked again by the insert; here, before somebody waits for a build.
    if (actions::find_by_name(r, action.name)) return name_is_taken(action.name);
    return change_modules(r, body, action.draft);
  }));
  std::optional<BuiltVersion> built;
  if (wants_deploy(invocation)) built = TRY(build_version(services, invocation, action, action.draft));
  const auto created = services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) -> base::Outcome {
    one_at_a_time(w);
    auto draft = action.draft;
    TRY(change_modules(w, body, draft));
    if (draft != action.draft) return changed_meanwhile();
    if (actions::count(w) >= kMostActions) return too_many_entities("actions", kMostActions);
    if (actions::insert(w, action) == actions::Written::taken) return name_is_taken(action.name);
    insert_secrets(w, action.action_id, sealed);
    auto stored = action;
    if (built) store_version(w, invocation, stored, *built);
    append_change(w, invocation, 201);
    return base::Unit{};
  });
  if (!created.ok()) return created.error();
  if (built) action.deployed_version = built->version;
  auto answer = action_answer(action);
  if (built) {
    add_warnings(answer, *built);
  } else {
    // As the live service answers; the next look says "built".
    answer["status"] = "pending";
  }
  return json_answer(201, answer);
}

// The Action as the body makes it.
base::Result<model::Action> changed_action(const store::Reader& r, const Invocation& invocation,
                                           const std::vector<model::ActionSecret>& sealed, model::Action action) {
  const auto& body = invocation.body.get_object();
  if (json::find(body, "supported_triggers") != nullptr) {
    auto trigger = TRY(read_trigger(body));
    if (trigger.id != action.trigger_id)
      return refused("supported_triggers: the trigger of an Action cannot be changed. Create another Action");
    action.draft.trigger_version = std::move(trigger.version);
  }
  if (auto name = json::find_string(body, "name")) action.name = std::move(*name);
  TRY(change_source(body, action.draft));
  TRY(change_secrets(body, sealed, action.draft));
  TRY(change_modules(r, body, action.draft));
  action.updated_at = invocation.now;
  return action;
}

base::Result<http::Response> update_action(const Services& services, Invocation& invocation) {
  if (wants_deploy(invocation) && invocation.call.lane != http::Lane::outbound) return http::continue_on(http::Lane::outbound);
  const auto id = invocation.call.path_parameter("id");
  const auto sealed = seal_secrets(services, invocation, invocation.body.get_object());
  std::optional<BuiltVersion> built;
  if (wants_deploy(invocation)) {
    const auto wanted =
        TRY(services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) -> base::Result<model::Action> {
          auto stored = actions::find(r, id);
          if (!stored) return inexistent_action();
          return changed_action(r, invocation, sealed, std::move(*stored));
        }));
    built = TRY(build_version(services, invocation, wanted, wanted.draft));
  }
  const auto changed =
      services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) -> base::Result<model::Action> {
        one_at_a_time(w);
        auto stored = actions::find_for_change(w, id);
        if (!stored) return inexistent_action();
        auto action = TRY(changed_action(w, invocation, sealed, *stored));
        const bool same = action.name == stored->name && action.draft == stored->draft;
        if (same && (!built || stored->all_changes_deployed())) return std::move(*stored);
        if (built && built->version.source != action.draft) return changed_meanwhile();
        if (actions::update(w, action) == actions::Written::taken) return name_is_taken(action.name);
        insert_secrets(w, action.action_id, sealed);
        if (built) store_version(w, invocation, action, *built);
        actions::forget_unused_secrets(w, action.action_id);
        append_change(w, invocation, 200);
        return action;
      });
  if (!changed.ok()) return changed.error();
  auto answer = action_answer(*changed);
  if (built) add_warnings(answer, *built);
  return json_answer(200, answer);
}

// What would lose the Action, in words; empty: nothing.
std::string users_of(const store::Reader& r, std::string_view action_id) {
  if (const auto bindings = store::trigger_bindings::list_of_action(r, action_id); !bindings.empty())
    return "bound to the trigger " + bindings.front().trigger_id;
  if (const auto profiles = store::token_exchange_profiles::list_of_action(r, action_id); !profiles.empty())
    return "used by the token exchange profile " + profiles.front().name;
  return {};
}

base::Result<http::Response> delete_action(const Services& services, Invocation& invocation) {
  const auto id = invocation.call.path_parameter("id");
  const bool force = json::find_bool(invocation.query, "force").value_or(false);
  const auto deleted = services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) -> base::Outcome {
    one_at_a_time(w);
    if (!actions::find_for_change(w, id)) return inexistent_action();
    if (const auto users = users_of(w, id); !force && !users.empty())
      return conflict("The action is " + users + ". Send ?force=true to remove that with it", "");
    actions::delete_one(w, id);
    append_change(w, invocation, 204);
    return base::Unit{};
  });
  if (!deleted.ok()) return deleted.error();
  return http::empty_response(204);
}

const Operation kList{.method = http::Method::get,
                      .path = "/api/v2/actions/actions",
                      .id = "get_actions",
                      .scopes = {"read:actions"},
                      .query = actions_page_query(
                          {{.name = "triggerId", .description = "An actions extensibility point", .one_of = contract_triggers()},
                           {.name = "actionName", .description = "The name of the action"},
                           {.name = "deployed", .type = Type::boolean, .description = "Whether it is deployed"},
                           {.name = "installed", .type = Type::boolean, .description = "Whether it was installed"}}),
                      .statuses = {200},
                      .summary = "Get actions",
                      .handler = list_actions};
const Operation kCreate{.method = http::Method::post,
                        .path = "/api/v2/actions/actions",
                        .id = "post_action",
                        .scopes = {"create:actions"},
                        .body = &action_create_schema(),
                        .statuses = {201, 409},
                        .summary = "Create an action",
                        .handler = create_action};
const Operation kGet{.method = http::Method::get,
                     .path = "/api/v2/actions/actions/{id}",
                     .id = "get_action",
                     .scopes = {"read:actions"},
                     .statuses = {200, 404},
                     .summary = "Get an action",
                     .handler = get_action};
const Operation kUpdate{.method = http::Method::patch,
                        .path = "/api/v2/actions/actions/{id}",
                        .id = "patch_action",
                        .scopes = {"update:actions"},
                        .body = &action_update_schema(),
                        .statuses = {200, 404, 409},
                        .summary = "Update an action",
                        .handler = update_action};
const Operation kDelete{
    .method = http::Method::delete_,
    .path = "/api/v2/actions/actions/{id}",
    .id = "delete_action",
    .scopes = {"delete:actions"},
    .query = {{.name = "force", .type = Type::boolean, .description = "Whether its bindings are removed with it"}},
    .statuses = {204, 404, 409},
    .summary = "Delete an action",
    .handler = delete_action};

}  // namespace
}  // namespace actions_api

std::vector<const Operation*> action_operations() {
  using namespace actions_api;
  return {&kList, &kCreate, &kGet, &kUpdate, &kDelete};
}

}  // namespace segue::management
