// Versions of Actions: deploying, going back, trying out, and what ran (contract §8.2).
#include "management/action_answers.h"
#include "management/action_fields.h"
#include "management/action_rules.h"
#include "management/actions_api.h"
#include "management/answers.h"
#include "store/action_executions.h"
#include "store/actions.h"

namespace segue::management {
namespace action_deployments_api {
namespace {

namespace actions = store::actions;

base::Error inexistent_version() { return not_found("The action version does not exist", ""); }

struct Target {
  model::Action action;
  model::ActionSource source;
  std::string lockfile;  // of a version that was built before
};

// Which source is to run: the draft, or that of the version in the path.
base::Result<Target> find_target(const store::Reader& r, std::string_view action_id, std::string_view version_id) {
  auto action = actions::find(r, action_id);
  if (!action) return inexistent_action();
  auto source = action->draft;
  std::string lockfile;
  if (!version_id.empty()) {
    auto version = actions::find_version(r, action_id, version_id);
    if (!version) return inexistent_version();
    source = std::move(version->source);
    lockfile = actions::lockfile(r, action_id, version_id);
  }
  return Target{std::move(*action), std::move(source), std::move(lockfile)};
}

base::Result<http::Response> deploy(const Services& services, Invocation& invocation, std::string_view action_id,
                                    std::string_view version_id, bool update_draft) {
  if (invocation.call.lane != http::Lane::outbound) return http::continue_on(http::Lane::outbound);
  const auto target = TRY(services.tenants.store().read(
      invocation.call.tenant, [&](const store::Reader& r) { return find_target(r, action_id, version_id); }));
  // What is deployed is what is asked for: tools deploy again whatever they find.
  if (version_id.empty() && target.action.all_changes_deployed())
    return json_answer(200, version_answer(target.action, *target.action.deployed_version, false));
  const auto built = TRY(build_version(services, invocation, target.action, target.source, target.lockfile));
  const auto deployed =
      services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) -> base::Result<model::Action> {
        one_at_a_time(w);
        auto action = actions::find_for_change(w, action_id);
        if (!action) return inexistent_action();
        if (version_id.empty() && action->draft != target.source)
          return conflict("The action was changed while it was being built. Deploy it again", "");
        if (version_id.empty() && action->all_changes_deployed()) return std::move(*action);  // by another call meanwhile
        // A version that was pruned meanwhile may have lost its secrets.
        if (!version_id.empty() && !actions::find_version(w, action_id, version_id)) return inexistent_version();
        if (update_draft) {
          action->draft = target.source;
          action->updated_at = invocation.now;
          actions::update(w, *action);
        }
        store_version(w, invocation, *action, built);
        append_change(w, invocation, 200);
        return std::move(*action);
      });
  if (!deployed.ok()) return deployed.error();
  // The live service says `deployed: false` of the version that it has just deployed.
  auto answer = version_answer(*deployed, *deployed->deployed_version, false);
  add_warnings(answer, built);
  return json_answer(200, answer);
}

base::Result<http::Response> deploy_action(const Services& services, Invocation& invocation) {
  return deploy(services, invocation, invocation.call.path_parameter("id"), "", false);
}

base::Result<http::Response> roll_back(const Services& services, Invocation& invocation) {
  const bool update_draft =
      invocation.body.is_object() && json::find_bool(invocation.body.get_object(), "update_draft").value_or(false);
  return deploy(services, invocation, invocation.call.path_parameter("actionId"), invocation.call.path_parameter("id"),
                update_draft);
}

base::Result<http::Response> test_action(const Services& services, Invocation& invocation) {
  if (invocation.call.lane != http::Lane::outbound) return http::continue_on(http::Lane::outbound);
  if (const auto problem = services.actions.problem()) return forbidden(*problem, "");
  const auto action =
      services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) -> base::Result<model::RunnableAction> {
        const auto found = actions::find(r, invocation.call.path_parameter("id"));
        if (!found) return inexistent_action();
        // A trial is no version: the desk keeps nothing under an empty id.
        return actions::runnable(r, *found, {.action_id = found->action_id, .version_id = "", .source = found->draft});
      });
  if (!action.ok()) return action.error();
  const auto& payload = invocation.body.get_object().at("payload").get_object();
  auto result = TRY(services.actions.test(*invocation.tenant, *action, payload));
  return json_answer(200, json::object{{"payload", std::move(result)}});
}

base::Result<http::Response> list_versions(const Services& services, Invocation& invocation) {
  const auto offset = actions_page(invocation.query);
  const auto id = invocation.call.path_parameter("actionId");
  struct Found {
    model::Action action;
    std::vector<model::ActionVersion> versions;
    std::int64_t total = 0;
  };
  const auto found =
      TRY(services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) -> base::Result<Found> {
        auto action = actions::find(r, id);
        if (!action) return inexistent_action();
        return Found{std::move(*action), actions::list_versions(r, id, offset), actions::count_versions(r, id)};
      }));
  json::array items;
  for (const auto& version : found.versions) {
    items.push_back(version_answer(found.action, version, version.version_id == found.action.deployed_version->version_id));
  }
  return actions_page_answer("versions", offset, std::move(items), found.total);
}

base::Result<http::Response> get_version(const Services& services, Invocation& invocation) {
  const auto action_id = invocation.call.path_parameter("actionId");
  return services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) -> base::Result<http::Response> {
    const auto action = actions::find(r, action_id);
    if (!action) return inexistent_action();
    const auto version = actions::find_version(r, action_id, invocation.call.path_parameter("id"));
    if (!version) return inexistent_version();
    return json_answer(200, version_answer(*action, *version, version->version_id == action->deployed_version->version_id));
  });
}

base::Result<http::Response> get_execution(const Services& services, Invocation& invocation) {
  const auto found = services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) {
    return store::action_executions::find(r, invocation.call.path_parameter("id"), invocation.now);
  });
  if (!found) return not_found("The execution does not exist", "");
  return json_answer(200, json::object{{"id", found->execution_id},
                                       {"trigger_id", found->trigger_id},
                                       {"status", found->status},
                                       {"results", found->results},
                                       {"created_at", base::to_iso8601(found->created_at)},
                                       {"updated_at", base::to_iso8601(found->updated_at)}});
}

const Operation kDeploy{.method = http::Method::post,
                        .path = "/api/v2/actions/actions/{id}/deploy",
                        .id = "post_deploy_action",
                        .scopes = {"create:actions"},
                        .statuses = {200, 404, 409},
                        .summary = "Deploy an action",
                        .handler = deploy_action};
const Operation kTest{.method = http::Method::post,
                      .path = "/api/v2/actions/actions/{id}/test",
                      .id = "post_test_action",
                      .scopes = {"create:actions"},
                      .body = &action_test_schema(),
                      .statuses = {200, 404},
                      .summary = "Test an action",
                      .handler = test_action};
const Operation kListVersions{.method = http::Method::get,
                              .path = "/api/v2/actions/actions/{actionId}/versions",
                              .id = "get_action_versions",
                              .scopes = {"read:actions"},
                              .query = actions_page_query(),
                              .statuses = {200, 404},
                              .summary = "Get an action's versions",
                              .handler = list_versions};
const Operation kGetVersion{.method = http::Method::get,
                            .path = "/api/v2/actions/actions/{actionId}/versions/{id}",
                            .id = "get_action_version",
                            .scopes = {"read:actions"},
                            .statuses = {200, 404},
                            .summary = "Get a specific version of an action",
                            .handler = get_version};
const Operation kRollBack{.method = http::Method::post,
                          .path = "/api/v2/actions/actions/{actionId}/versions/{id}/deploy",
                          .id = "post_deploy_draft_version",
                          .scopes = {"create:actions"},
                          .body = &action_rollback_schema(),
                          .statuses = {200, 404, 409},
                          .summary = "Roll back to a previous action version",
                          .handler = roll_back};
const Operation kGetExecution{.method = http::Method::get,
                              .path = "/api/v2/actions/executions/{id}",
                              .id = "get_execution",
                              .scopes = {"read:actions"},
                              .statuses = {200, 404},
                              .summary = "Get an execution",
                              .handler = get_execution};

}  // namespace
}  // namespace action_deployments_api

base::Result<BuiltVersion> build_version(const Services& services, const Invocation& invocation, const model::Action& action,
                                         const model::ActionSource& source, std::string lockfile) {
  if (const auto problem = services.actions.problem()) return forbidden("The action cannot be deployed: " + *problem, "");
  if (source.code.empty()) return refused("The action has no code. Set code before it is deployed");
  BuiltVersion out{{.action_id = action.action_id,
                    .version_id = new_uuid(services.random),
                    .number = action.last_number + 1,
                    .source = source,
                    .created_at = invocation.now,
                    .lockfile = std::move(lockfile)},
                   {}};
  const auto runnable = services.tenants.store().read(
      invocation.call.tenant, [&](const store::Reader& r) { return store::actions::runnable(r, action, out.version); });
  if (runnable.modules.size() != source.modules.size())
    return refused("modules: a module that the action requires does not exist any more. Name another version of it");
  out.version.lockfile = TRY(services.actions.build(*invocation.tenant, runnable));
  out.warnings = deployment_warnings(services, runnable);
  return out;
}

void store_version(const store::Writer& w, const Invocation& invocation, model::Action& action, const BuiltVersion& built) {
  auto version = built.version;
  version.number = action.last_number + 1;
  store::actions::deploy(w, version);
  store::actions::prune_versions(w, action.action_id, kMostVersions);
  store::actions::forget_unused_secrets(w, action.action_id);
  for (const auto& warning : built.warnings) append_warning(w, invocation, warning);
  action.last_number = version.number;
  action.deployed_version = std::move(version);
}

void add_warnings(json::object& answer, const BuiltVersion& built) {
  if (!built.warnings.empty()) answer["warnings"] = json::to_array(built.warnings);
}

std::vector<const Operation*> action_deployment_operations() {
  using namespace action_deployments_api;
  return {&kDeploy, &kTest, &kListVersions, &kGetVersion, &kRollBack, &kGetExecution};
}

}  // namespace segue::management
