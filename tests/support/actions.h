// Actions in a World: what is bound, and a runner that answers what the test wants instead of running it.
#pragma once
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "store/actions.h"
#include "store/trigger_bindings.h"
#include "support/world.h"

namespace segue::test {

struct BoundCode {
  std::string name, code;
};

// Deploys the Actions and binds them to the trigger, in this order, in place of what was bound.
inline void bind(World& world, std::string_view trigger, const std::vector<BoundCode>& actions) {
  static int made = 0;
  auto& tenants = world.node().product().tenants();
  tenants.change(world.tenant(), [&](const store::Writer& w) {
    std::vector<model::ActionBinding> bindings;
    for (const auto& each : actions) {
      const auto number = std::to_string(++made);
      model::Action action;
      action.action_id = "action-" + number;
      action.name = each.name + "-" + number;
      action.trigger_id = trigger;
      action.draft.code = each.code;
      action.draft.runtime = "node22";
      action.created_at = action.updated_at = world.clock.now();
      store::actions::insert(w, action);
      store::actions::deploy(w, {.action_id = action.action_id,
                                 .version_id = "version-" + number,
                                 .number = 1,
                                 .source = action.draft,
                                 .created_at = world.clock.now()});
      bindings.push_back({.binding_id = "binding-" + number,
                          .trigger_id = std::string(trigger),
                          .action_id = action.action_id,
                          .display_name = each.name,
                          .created_at = world.clock.now(),
                          .updated_at = world.clock.now()});
    }
    store::trigger_bindings::replace(w, trigger, bindings);
    return true;
  });
}

// Answers each call of one Action with `commands`, or with what `answer` says.
class FakeRunner {
 public:
  oauth::RunActions run() {
    return [this](base::TenantId, const actions::Invocation& invocation) {
      const std::scoped_lock lock(mutex_);
      calls.push_back(invocation);
      if (answer) return answer(invocation);
      actions::Outcome out{.status = actions::Status::ok};
      out.results.push_back({.version_id = invocation.actions.front().version_id, .ok = true, .commands = commands});
      return out;
    };
  }
  const json::object& event() const { return calls.back().event; }
  // Text at a path of the last event: "session_transfer_token.request.ip". Other values as JSON; nothing for what is absent.
  std::string in_event(std::string_view path) const {
    const json::value* at = nullptr;
    const json::object* inside = &event();
    while (!path.empty()) {
      const auto dot = path.find('.');
      at = inside != nullptr ? json::find(*inside, path.substr(0, dot)) : nullptr;
      if (at == nullptr) return {};
      inside = at->is_object() ? &at->get_object() : nullptr;
      path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
    }
    return at->is_string() ? std::string(json::to_view(at->get_string())) : json::write(*at);
  }

  std::vector<actions::Command> commands;
  std::function<actions::Outcome(const actions::Invocation&)> answer;
  std::vector<actions::Invocation> calls;

 private:
  std::mutex mutex_;
};

}  // namespace segue::test
