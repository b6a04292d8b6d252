#include "management/action_answers.h"

#include "management/answers.h"

namespace segue::management {
namespace {

constexpr int kDefaultActionsPerPage = 50;

json::array modules_answer(const std::vector<model::ActionModuleReference>& modules) {
  json::array out;
  for (const auto& m : modules) {
    out.push_back(json::object{{"module_id", m.module_id},
                               {"module_name", m.module_name},
                               {"module_version_id", m.module_version_id},
                               {"module_version_number", m.module_version_number}});
  }
  return out;
}

// What a version says of itself wherever it stands.
json::object version_fields(const model::Action& action, const model::ActionVersion& version, bool deployed) {
  const auto at = base::to_iso8601(version.created_at);
  json::object out{{"code", version.source.code},
                   {"dependencies", dependencies_answer(version.source.dependencies)},
                   {"id", version.version_id},
                   {"deployed", deployed},
                   {"number", version.number},
                   {"built_at", at},
                   {"secrets", secrets_answer(version.source.secrets)},
                   {"status", "built"},
                   {"created_at", at},
                   {"updated_at", at},
                   {"runtime", version.source.runtime},
                   {"supported_triggers", triggers_of(action.trigger_id, version.source.trigger_version)}};
  if (!version.source.modules.empty()) out["modules"] = modules_answer(version.source.modules);
  return out;
}

}  // namespace

json::object trigger_answer(const model::ActionTrigger& trigger) {
  json::array compatible;
  if (!trigger.compatible_version.empty())
    compatible.push_back(json::object{{"id", trigger.id}, {"version", trigger.compatible_version}});
  return {{"id", trigger.id},
          {"version", trigger.version},
          {"status", "CURRENT"},
          {"runtimes", json::array{"node18-actions", "node22"}},
          {"default_runtime", "node22"},
          {"binding_policy", trigger.entity_bound ? "entity-bound" : "trigger-bound"},
          {"compatible_triggers", std::move(compatible)}};
}

json::array triggers_of(std::string_view trigger_id, std::string_view version) {
  return {json::object{{"id", trigger_id}, {"version", version}}};
}

json::array dependencies_answer(const std::vector<model::ActionDependency>& dependencies) {
  json::array out;
  for (const auto& d : dependencies) out.push_back(json::object{{"name", d.name}, {"version", d.version}});
  return out;
}

json::array secrets_answer(const std::vector<model::ActionSecret>& secrets) {
  json::array out;
  for (const auto& s : secrets) out.push_back(json::object{{"name", s.name}, {"updated_at", base::to_iso8601(s.updated_at)}});
  return out;
}

json::object action_answer(const model::Action& action) {
  json::object out{{"id", action.action_id},
                   {"name", action.name},
                   {"supported_triggers", triggers_of(action.trigger_id, action.draft.trigger_version)},
                   {"created_at", base::to_iso8601(action.created_at)},
                   {"updated_at", base::to_iso8601(action.updated_at)},
                   {"code", action.draft.code},
                   {"dependencies", dependencies_answer(action.draft.dependencies)},
                   {"runtime", action.draft.runtime},
                   // Drafts are built when they are deployed: there is nothing to wait for.
                   {"status", "built"},
                   {"secrets", secrets_answer(action.draft.secrets)}};
  if (!action.draft.modules.empty()) out["modules"] = modules_answer(action.draft.modules);
  if (action.deployed_version) {
    const auto& version = *action.deployed_version;
    const auto at = base::to_iso8601(version.created_at);
    out["current_version"] = json::object{{"id", version.version_id},
                                          {"code", version.source.code},
                                          {"runtime", version.source.runtime},
                                          {"status", "BUILT"},  // upper case here and nowhere else
                                          {"number", version.number},
                                          {"build_time", at},
                                          {"created_at", at},
                                          {"updated_at", at}};
    out["deployed_version"] = version_fields(action, version, true);
  }
  out["all_changes_deployed"] = action.all_changes_deployed();
  return out;
}

json::object version_answer(const model::Action& action, const model::ActionVersion& version, bool deployed) {
  auto out = version_fields(action, version, deployed);
  out["action"] = json::object{{"id", action.action_id},
                               {"name", action.name},
                               {"supported_triggers", triggers_of(action.trigger_id, action.draft.trigger_version)},
                               {"created_at", base::to_iso8601(action.created_at)},
                               {"updated_at", base::to_iso8601(action.updated_at)},
                               {"all_changes_deployed", action.all_changes_deployed()}};
  return out;
}

json::object binding_answer(const model::ActionBinding& binding, const model::Action* action) {
  json::object out{{"id", binding.binding_id}, {"trigger_id", binding.trigger_id}};
  if (action != nullptr) out["action"] = action_answer(*action);
  out["created_at"] = base::to_iso8601(binding.created_at);
  out["updated_at"] = base::to_iso8601(binding.updated_at);
  out["display_name"] = binding.display_name;
  return out;
}

store::Offset actions_page(const json::object& query) {
  return {static_cast<int>(json::find_integer(query, "page").value_or(0)),
          static_cast<int>(json::find_integer(query, "per_page").value_or(kDefaultActionsPerPage))};
}

http::Response actions_page_answer(std::string_view list_name, const store::Offset& offset, json::array items,
                                   std::int64_t total) {
  json::object out;
  if (!items.empty()) out["total"] = total;
  if (offset.page != 0) out["page"] = offset.page;
  out["per_page"] = offset.per_page;
  out[list_name] = std::move(items);
  return json_answer(200, out);
}

}  // namespace segue::management
