// Modules: code that Actions share (contract §8.2). An Action names a published version, which never changes.
#include <set>

#include "management/action_answers.h"
#include "management/action_fields.h"
#include "management/action_rules.h"
#include "management/actions_api.h"
#include "management/answers.h"
#include "store/action_modules.h"
#include "store/actions.h"

namespace segue::management {
namespace action_modules_api {
namespace {

namespace modules = store::action_modules;
using store::actions::ModuleUse;

base::Error inexistent_module() { return not_found("The action module does not exist", ""); }
base::Error inexistent_version() { return not_found("The module or version does not exist", ""); }
base::Error precondition_failed(std::string message) {
  return {.kind = base::ErrorKind::conflict, .code = "", .description = std::move(message), .status = 412};
}

json::object version_fields(const model::ActionModuleVersion& version) {
  return {{"id", version.version_id},
          {"version_number", version.number},
          {"code", version.source.code},
          {"secrets", secrets_answer(version.source.secrets)},
          {"dependencies", dependencies_answer(version.source.dependencies)},
          {"created_at", base::to_iso8601(version.created_at)}};
}

json::object version_of_module(const model::ActionModuleVersion& version) {
  auto out = version_fields(version);
  out["module_id"] = version.module_id;
  return out;
}

std::int64_t users_of(const std::vector<ModuleUse>& uses, std::string_view module_id) {
  std::set<std::string> out;
  for (const auto& use : uses) {
    if (use.module.module_id == module_id) out.insert(use.action_id);
  }
  return static_cast<std::int64_t>(out.size());
}

json::object module_fields(const model::ActionModule& module, std::int64_t users) {
  json::object out{{"id", module.module_id},
                   {"name", module.name},
                   {"code", module.draft.code},
                   {"dependencies", dependencies_answer(module.draft.dependencies)},
                   {"secrets", secrets_answer(module.draft.secrets)},
                   {"actions_using_module_total", users},
                   {"all_changes_published", module.all_changes_published()}};
  if (module.latest_version) out["latest_version_number"] = module.latest_version->number;
  out["created_at"] = base::to_iso8601(module.created_at);
  out["updated_at"] = base::to_iso8601(module.updated_at);
  return out;
}

// One module is shown with its latest version; a list is not.
json::object module_answer(const model::ActionModule& module, std::int64_t users) {
  auto out = module_fields(module, users);
  if (module.latest_version) out["latest_version"] = version_fields(*module.latest_version);
  return out;
}

base::Result<http::Response> list_modules(const Services& services, Invocation& invocation) {
  const auto offset = actions_page(invocation.query);
  struct Found {
    std::vector<model::ActionModule> modules;
    std::vector<ModuleUse> uses;
    std::int64_t total = 0;
  };
  const auto found = services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) {
    return Found{modules::list_page(r, offset), store::actions::module_uses(r), modules::count(r)};
  });
  json::array items;
  for (const auto& module : found.modules) items.push_back(module_fields(module, users_of(found.uses, module.module_id)));
  return actions_page_answer("modules", offset, std::move(items), found.total);
}

base::Result<http::Response> get_module(const Services& services, Invocation& invocation) {
  return services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) -> base::Result<http::Response> {
    const auto module = modules::find(r, invocation.call.path_parameter("id"));
    if (!module) return inexistent_module();
    return json_answer(200, module_answer(*module, users_of(store::actions::module_uses(r), module->module_id)));
  });
}

base::Error nothing_to_publish() { return conflict("No draft version is available to publish", ""); }

// The draft as a version, which is not stored yet. Blocks for as long as npm does.
base::Result<model::ActionModuleVersion> build_version(const Services& services, const Invocation& invocation,
                                                       const model::ActionModule& module) {
  if (const auto problem = services.actions.problem()) return forbidden("The module cannot be published: " + *problem, "");
  model::ActionModuleVersion out{.module_id = module.module_id,
                                 .version_id = new_uuid(services.random),
                                 .number = 0,
                                 .source = module.draft,
                                 .created_at = invocation.now};
  const auto runnable = services.tenants.store().read(
      invocation.call.tenant, [&](const store::Reader& r) { return modules::runnable(r, module.name, out); });
  out.lockfile = TRY(services.actions.build_module(*invocation.tenant, runnable));
  return out;
}

// Makes the built draft the latest version.
base::Outcome publish(const store::Writer& w, model::ActionModule& module, model::ActionModuleVersion built) {
  if (module.all_changes_published()) return nothing_to_publish();
  if (module.draft != built.source) return conflict("The module was changed while it was being built. Publish it again", "");
  built.number = module.latest_version ? module.latest_version->number + 1 : 1;
  if (modules::count_versions(w, module.module_id) >= kMostVersions) {
    return precondition_failed(
        "Maximum number of module versions reached. Consolidate versions used in actions before creating new ones");
  }
  modules::publish(w, built);
  module.latest_version = std::move(built);
  return base::Unit{};
}

base::Result<http::Response> create_module(const Services& services, Invocation& invocation) {
  const auto& body = invocation.body.get_object();
  const bool publishes = json::find_bool(body, "publish").value_or(false);
  if (publishes && invocation.call.lane != http::Lane::outbound) return http::continue_on(http::Lane::outbound);
  model::ActionModule module{.module_id = new_uuid(services.random),
                             .name = json::find_string(body, "name").value_or(""),
                             .draft = {},
                             .latest_version = {},
                             .created_at = invocation.now,
                             .updated_at = invocation.now};
  TRY(change_source(body, module.draft));
  const auto sealed = seal_secrets(services, invocation, body);
  TRY(change_secrets(body, sealed, module.draft));
  std::optional<model::ActionModuleVersion> built;
  if (publishes) built = TRY(build_version(services, invocation, module));
  const auto created =
      services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) -> base::Result<model::ActionModule> {
        one_at_a_time(w);
        if (modules::count(w) >= kMostActionModules) return too_many_entities("action modules", kMostActionModules);
        if (!modules::insert(w, module)) return conflict("An action module with the same name already exists", "");
        insert_secrets(w, module.module_id, sealed);
        auto stored = module;
        if (built) TRY(publish(w, stored, *built));
        append_change(w, invocation, 201);
        return stored;
      });
  if (!created.ok()) return created.error();
  return json_answer(201, module_answer(*created, 0));
}

// Loads the module in the path, lets `change` change it, and shows it.
template <class Change>
base::Result<http::Response> change_module(const Services& services, Invocation& invocation, base::Error missing, Change change) {
  return services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) -> base::Result<http::Response> {
    auto module = modules::find_for_change(w, invocation.call.path_parameter("id"));
    if (!module) return missing;
    TRY(change(w, *module));
    modules::forget_unused_secrets(w, module->module_id);
    append_change(w, invocation, 200);
    return json_answer(200, module_answer(*module, users_of(store::actions::module_uses(w), module->module_id)));
  });
}

base::Result<http::Response> update_module(const Services& services, Invocation& invocation) {
  const auto& body = invocation.body.get_object();
  const auto sealed = seal_secrets(services, invocation, body);
  return change_module(services, invocation, inexistent_module(),
                       [&](const store::Writer& w, model::ActionModule& module) -> base::Outcome {
                         TRY(change_source(body, module.draft));
                         TRY(change_secrets(body, sealed, module.draft));
                         module.updated_at = invocation.now;
                         modules::update_draft(w, module);
                         insert_secrets(w, module.module_id, sealed);
                         return base::Unit{};
                       });
}

base::Result<http::Response> roll_back(const Services& services, Invocation& invocation) {
  const auto version_id = json::find_string(invocation.body.get_object(), "module_version_id").value_or("");
  return change_module(services, invocation, inexistent_version(),
                       [&](const store::Writer& w, model::ActionModule& module) -> base::Outcome {
                         const auto version = modules::find_version(w, module.module_id, version_id);
                         if (!version) return inexistent_version();
                         if (version->source == module.draft)
                           return conflict("The specified version is already the current draft version", "");
                         module.draft = version->source;
                         module.updated_at = invocation.now;
                         modules::update_draft(w, module);
                         return base::Unit{};
                       });
}

base::Result<http::Response> publish_version(const Services& services, Invocation& invocation) {
  if (invocation.call.lane != http::Lane::outbound) return http::continue_on(http::Lane::outbound);
  const auto id = invocation.call.path_parameter("id");
  const auto wanted =
      TRY(services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) -> base::Result<model::ActionModule> {
        auto module = modules::find(r, id);
        if (!module) return inexistent_module();
        if (module->all_changes_published()) return nothing_to_publish();
        return std::move(*module);
      }));
  const auto built = TRY(build_version(services, invocation, wanted));
  return services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) -> base::Result<http::Response> {
    auto module = modules::find_for_change(w, id);
    if (!module) return inexistent_module();
    TRY(publish(w, *module, built));
    append_change(w, invocation, 200);
    return json_answer(200, version_of_module(*module->latest_version));
  });
}

base::Result<http::Response> delete_module(const Services& services, Invocation& invocation) {
  const auto id = invocation.call.path_parameter("id");
  const auto deleted = services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) -> base::Outcome {
    one_at_a_time(w);
    if (!modules::find_for_change(w, id)) return not_found("The Actions Module does not exist", "");
    if (users_of(store::actions::module_uses(w), id) > 0)
      return precondition_failed("The Actions Module cannot be deleted because it is in use by one or more actions");
    modules::delete_one(w, id);
    append_change(w, invocation, 204);
    return base::Unit{};
  });
  if (!deleted.ok()) return deleted.error();
  return http::empty_response(204);
}

base::Error no_module_with_id() { return not_found("No module exists with the specified ID", ""); }

base::Result<http::Response> list_users(const Services& services, Invocation& invocation) {
  const auto offset = actions_page(invocation.query);
  const auto id = invocation.call.path_parameter("id");
  return services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) -> base::Result<http::Response> {
    if (!modules::find(r, id)) return no_module_with_id();
    std::vector<ModuleUse> all;
    for (auto& use : store::actions::module_uses(r)) {
      if (use.module.module_id == id) all.push_back(std::move(use));
    }
    const auto total = static_cast<std::int64_t>(all.size());
    json::array items;
    for (auto k = std::int64_t{offset.page} * offset.per_page; k < total && std::ssize(items) < offset.per_page; ++k) {
      const auto& use = all[static_cast<std::size_t>(k)];
      items.push_back(json::object{{"action_id", use.action_id},
                                   {"action_name", use.action_name},
                                   {"module_version_id", use.module.module_version_id},
                                   {"module_version_number", use.module.module_version_number},
                                   {"supported_triggers", triggers_of(use.trigger_id, use.trigger_version)}});
    }
    return actions_page_answer("actions", offset, std::move(items), total);
  });
}

base::Result<http::Response> list_versions(const Services& services, Invocation& invocation) {
  const auto offset = actions_page(invocation.query);
  const auto id = invocation.call.path_parameter("id");
  return services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) -> base::Result<http::Response> {
    if (!modules::find(r, id)) return no_module_with_id();
    json::array items;
    for (const auto& version : modules::list_versions(r, id, offset)) items.push_back(version_of_module(version));
    return actions_page_answer("versions", offset, std::move(items), modules::count_versions(r, id));
  });
}

base::Result<http::Response> get_version(const Services& services, Invocation& invocation) {
  const auto version = services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) {
    return modules::find_version(r, invocation.call.path_parameter("id"), invocation.call.path_parameter("versionId"));
  });
  if (!version) return inexistent_version();
  return json_answer(200, version_of_module(*version));
}

const Operation kList{.method = http::Method::get,
                      .path = "/api/v2/actions/modules",
                      .id = "get_action_modules",
                      .scopes = {"read:actions"},
                      .query = actions_page_query(),
                      .statuses = {200},
                      .summary = "List action modules",
                      .handler = list_modules};
const Operation kCreate{.method = http::Method::post,
                        .path = "/api/v2/actions/modules",
                        .id = "post_action_module",
                        .scopes = {"create:actions"},
                        .body = &module_create_schema(),
                        .statuses = {201, 409},
                        .summary = "Create an action module",
                        .handler = create_module};
const Operation kGet{.method = http::Method::get,
                     .path = "/api/v2/actions/modules/{id}",
                     .id = "get_action_module",
                     .scopes = {"read:actions"},
                     .statuses = {200, 404},
                     .summary = "Get an action module",
                     .handler = get_module};
const Operation kUpdate{.method = http::Method::patch,
                        .path = "/api/v2/actions/modules/{id}",
                        .id = "patch_action_module",
                        .scopes = {"update:actions"},
                        .body = &module_update_schema(),
                        .statuses = {200, 404, 409},
                        .summary = "Update an action module",
                        .handler = update_module};
const Operation kDelete{.method = http::Method::delete_,
                        .path = "/api/v2/actions/modules/{id}",
                        .id = "delete_action_module",
                        .scopes = {"delete:actions"},
                        .statuses = {204, 404, 412},
                        .summary = "Delete an action module",
                        .handler = delete_module};
const Operation kListUsers{.method = http::Method::get,
                           .path = "/api/v2/actions/modules/{id}/actions",
                           .id = "get_action_module_actions",
                           .scopes = {"read:actions"},
                           .query = actions_page_query(),
                           .statuses = {200, 404},
                           .summary = "List the actions that use a module",
                           .handler = list_users};
const Operation kRollBack{.method = http::Method::post,
                          .path = "/api/v2/actions/modules/{id}/rollback",
                          .id = "post_action_module_rollback",
                          .scopes = {"update:actions"},
                          .body = &module_rollback_schema(),
                          .statuses = {200, 404, 409},
                          .summary = "Roll back an action module's draft",
                          .handler = roll_back};
const Operation kListVersions{.method = http::Method::get,
                              .path = "/api/v2/actions/modules/{id}/versions",
                              .id = "get_action_module_versions",
                              .scopes = {"read:actions"},
                              .query = actions_page_query(),
                              .statuses = {200, 404},
                              .summary = "List the versions of an action module",
                              .handler = list_versions};
const Operation kPublish{.method = http::Method::post,
                         .path = "/api/v2/actions/modules/{id}/versions",
                         .id = "post_action_module_version",
                         .scopes = {"update:actions"},
                         .statuses = {200, 404, 409, 412},
                         .summary = "Publish a version of an action module",
                         .handler = publish_version};
const Operation kGetVersion{.method = http::Method::get,
                            .path = "/api/v2/actions/modules/{id}/versions/{versionId}",
                            .id = "get_action_module_version",
                            .scopes = {"read:actions"},
                            .statuses = {200, 404},
                            .summary = "Get a version of an action module",
                            .handler = get_version};

}  // namespace
}  // namespace action_modules_api

std::vector<const Operation*> action_module_operations() {
  using namespace action_modules_api;
  return {&kList, &kCreate, &kGet, &kUpdate, &kDelete, &kListUsers, &kRollBack, &kListVersions, &kPublish, &kGetVersion};
}

}  // namespace segue::management
