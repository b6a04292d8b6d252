// Triggers and the ordered lists of what runs at them (contract §8.1, §8.2).
#include <algorithm>

#include "base/text.h"
#include "management/action_answers.h"
#include "management/action_fields.h"
#include "management/action_rules.h"
#include "management/actions_api.h"
#include "management/answers.h"
#include "store/actions.h"
#include "store/trigger_bindings.h"

namespace segue::management {
namespace action_triggers_api {
namespace {

namespace actions = store::actions;
namespace bindings = store::trigger_bindings;

// The trigger in the path, if the contract has it.
base::Result<std::string> trigger_of(const Invocation& invocation) {
  std::string id(invocation.call.path_parameter("triggerId"));
  if (base::contains(contract_triggers(), id)) return id;
  return base::Error{.kind = base::ErrorKind::invalid_input,
                     .code = "invalid_uri",
                     .description = "Path validation error: 'No enum match for: \"" + id +
                                    "\"' on property triggerId (An actions extensibility point)."};
}

base::Result<http::Response> list_triggers(const Services&, Invocation&) {
  json::array out;
  for (const auto& trigger : model::kActionTriggers) out.push_back(trigger_answer(trigger));
  return json_answer(200, json::object{{"triggers", std::move(out)}});
}

json::array shown(const store::Reader& r, const std::vector<model::ActionBinding>& list) {
  json::array out;
  for (const auto& binding : list) {
    const auto action = actions::find(r, binding.action_id);
    out.push_back(binding_answer(binding, action ? &*action : nullptr));
  }
  return out;
}

// Nothing can be bound to a trigger that an entity binds, or that is not served: its list is empty, and the tools ask for each.
base::Result<http::Response> list_bindings(const Services& services, Invocation& invocation) {
  const auto trigger_id = TRY(trigger_of(invocation));
  const auto offset = actions_page(invocation.query);
  std::int64_t total = 0;
  auto items = services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) {
    const auto all = bindings::list(r, trigger_id);
    total = static_cast<std::int64_t>(all.size());
    const auto begin = std::min(total, std::int64_t{offset.page} * offset.per_page);
    const auto end = std::min(total, begin + offset.per_page);
    return shown(r, {all.begin() + begin, all.begin() + end});
  });
  return actions_page_answer("bindings", offset, std::move(items), total);
}

base::Outcome check_can_be_bound(const Services& services, const std::string& trigger_id) {
  const auto* const trigger = model::find_action_trigger(trigger_id);
  if (trigger != nullptr && trigger->entity_bound)
    return refused("bindings: " + trigger_id + " is bound by an entity. Name the Action in a token exchange profile");
  if (trigger == nullptr || !services.actions.runs(trigger_id)) {
    return refused("bindings: nothing runs Actions of " + trigger_id +
                   " on this server, and a binding that never runs would seem to protect");
  }
  return base::Unit{};
}

base::Result<model::Action> find_referenced(const store::Reader& r, const std::vector<model::ActionBinding>& current,
                                            const json::object& ref, const std::string& at) {
  const auto type = json::find_string(ref, "type").value_or("");
  auto value = json::find_string(ref, "value").value_or("");
  std::optional<model::Action> found;
  if (type == "action_name") {
    found = actions::find_by_name(r, value);
  } else if (type == "action_id") {
    found = actions::find(r, value);
  } else {
    for (const auto& binding : current) {
      if (binding.binding_id == value) found = actions::find(r, binding.action_id);
    }
  }
  if (!found) return refused(at + ": there is no action with the " + type + " \"" + value + "\"");
  return std::move(*found);
}

base::Result<model::ActionBinding> read_binding(const store::Reader& r, const std::vector<model::ActionBinding>& current,
                                                std::string_view trigger_id, const json::object& item, const std::string& at) {
  if (const auto* const secrets = json::find(item, "secrets"); secrets != nullptr && !secrets->get_array().empty())
    return refused(at + ".secrets is refused: secrets belong to the Action here");
  const auto action = TRY(find_referenced(r, current, item.at("ref").get_object(), at));
  if (action.trigger_id != trigger_id) return refused(at + ": the action \"" + action.name + "\" is one of " + action.trigger_id);
  if (!action.deployed_version) return refused(at + ": the action \"" + action.name + "\" must be deployed before it is bound");
  return model::ActionBinding{.binding_id = {},
                              .trigger_id = std::string(trigger_id),
                              .action_id = action.action_id,
                              .display_name = json::find_string(item, "display_name").value_or(action.name)};
}

base::Result<http::Response> replace_bindings(const Services& services, Invocation& invocation) {
  const auto trigger_id = TRY(trigger_of(invocation));
  const auto& wanted = invocation.body.get_object().at("bindings").get_array();
  if (!wanted.empty()) TRY(check_can_be_bound(services, trigger_id));
  std::vector<std::string> ids;
  for (std::size_t k = 0; k < wanted.size(); ++k) ids.push_back(new_uuid(services.random));
  auto answer = services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) -> base::Result<json::array> {
    one_at_a_time(w);
    const auto current = bindings::list(w, trigger_id);
    std::vector<model::ActionBinding> list;
    for (std::size_t k = 0; k < wanted.size(); ++k) {
      auto binding = TRY(read_binding(w, current, trigger_id, wanted[k].get_object(), "bindings[" + std::to_string(k) + "]"));
      binding.binding_id = ids[k];
      binding.created_at = binding.updated_at = invocation.now;
      list.push_back(std::move(binding));
    }
    const bool same = std::equal(list.begin(), list.end(), current.begin(), current.end(), [](const auto& a, const auto& b) {
      return a.action_id == b.action_id && a.display_name == b.display_name;
    });
    if (same) return shown(w, current);
    bindings::replace(w, trigger_id, list);
    append_change(w, invocation, 200);
    return shown(w, list);
  });
  if (!answer.ok()) return answer.error();
  return json_answer(200, json::object{{"bindings", std::move(*answer)}});
}

const Operation kListTriggers{.method = http::Method::get,
                              .path = "/api/v2/actions/triggers",
                              .id = "get_triggers",
                              .scopes = {"read:actions"},
                              .statuses = {200},
                              .summary = "Get triggers",
                              .handler = list_triggers};
const Operation kListBindings{.method = http::Method::get,
                              .path = "/api/v2/actions/triggers/{triggerId}/bindings",
                              .id = "get_bindings",
                              .scopes = {"read:actions"},
                              .query = actions_page_query(),
                              .statuses = {200},
                              .summary = "Get trigger bindings",
                              .handler = list_bindings};
const Operation kReplaceBindings{.method = http::Method::patch,
                                 .path = "/api/v2/actions/triggers/{triggerId}/bindings",
                                 .id = "patch_bindings",
                                 .scopes = {"update:actions"},
                                 .body = &bindings_schema(),
                                 .statuses = {200},
                                 .summary = "Update trigger bindings",
                                 .handler = replace_bindings};

}  // namespace
}  // namespace action_triggers_api

std::vector<const Operation*> action_trigger_operations() {
  using namespace action_triggers_api;
  return {&kListTriggers, &kListBindings, &kReplaceBindings};
}

}  // namespace segue::management
