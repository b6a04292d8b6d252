#include "oauth/actions/triggers.h"

#include <algorithm>

#include "base/log.h"
#include "base/text.h"
#include "oauth/actions/redaction.h"
#include "store/action_executions.h"

namespace segue::oauth {
namespace {

// Each waits in a thread of the lane, which all tenants share (http/lanes.h).
constexpr int kMostOfOneTenant = 24;

SignInRefusal busy() {
  return {.error = "temporarily_unavailable", .description = "Too many sign-ins are being checked. Try again.", .status = 503};
}

SignInRefusal failed(actions::Status status) {
  if (status == actions::Status::unavailable)
    return {
        .error = "temporarily_unavailable", .description = "The sign-in could not be checked. Try again later.", .status = 503};
  return {.error = "access_denied", .description = "The sign-in could not be completed."};
}

json::object error_of(std::string_view id, std::string_view message) {
  return {{"id", id}, {"msg", base::shortened(message, 1000)}, {"url", ""}};
}

// contract §8.2: {action_name, error, started_at, ended_at, logs} of each that began.
json::array results_of(const actions::Invocation& invocation, const actions::Outcome& outcome, base::Instant began,
                       base::Instant ended) {
  json::array out;
  auto at = began;
  for (std::size_t i = 0; i < invocation.actions.size(); ++i) {
    const bool finished = i < outcome.results.size();
    if (!finished &&
        (i > outcome.results.size() || outcome.status == actions::Status::ok || outcome.status == actions::Status::thrown))
      break;
    json::object one{{"action_name", invocation.actions[i].name}, {"started_at", base::to_iso8601(at)}};
    if (finished) {
      const auto& result = outcome.results[i];
      at += result.duration;
      one["ended_at"] = base::to_iso8601(at);
      one["logs"] = result.log;
      if (!result.ok) one["error"] = error_of(result.thrown.name, result.thrown.message);
    } else {
      one["ended_at"] = base::to_iso8601(ended);
      one["error"] = error_of(to_text(outcome.status), outcome.reason);
    }
    out.push_back(std::move(one));
  }
  return out;
}

bool is_suspended(const actions::Outcome& outcome) {
  if (outcome.status != actions::Status::ok || outcome.results.empty()) return false;
  const auto& commands = outcome.results.back().commands;
  return std::any_of(commands.begin(), commands.end(), [](const auto& each) { return each.method == "redirect.sendUserTo"; });
}

std::string why(const actions::Outcome& outcome) {
  if (outcome.status == actions::Status::thrown && !outcome.results.empty()) {
    const auto& thrown = outcome.results.back().thrown;
    return thrown.name + ": " + thrown.message;
  }
  return outcome.reason.empty() ? std::string(to_text(outcome.status)) : outcome.reason;
}

// contract §7.4: which Action it was, where one is to blame, and what it threw.
void describe_failure(audit::Event& row, const actions::Outcome& outcome, const std::vector<model::BoundAction>& bound) {
  row.details["error_class"] = to_text(outcome.status);
  const bool thrown = outcome.status == actions::Status::thrown && !outcome.results.empty();
  const auto at = thrown ? outcome.results.size() - 1 : outcome.results.size();
  if (outcome.status == actions::Status::unavailable || at >= bound.size()) return;
  const auto& action = bound[at].action;
  row.details["action_id"] = action.action_id;
  row.details["action_name"] = action.name;
  row.details["version_id"] = action.version_id;
  row.details["binding_id"] = bound[at].binding_id;
  if (!thrown) return;
  const auto& error = outcome.results[at].thrown;
  row.details["action_error"] = json::object{{"name", base::shortened(error.name, 100)},
                                             {"message", base::shortened(error.message, 1000)},
                                             {"stack", base::shortened(error.stack, 2000)}};
}

std::map<std::string, crypto::Secret> in_clear(const tenancy::Snapshot& tenant, const std::vector<model::ActionSecret>& secrets) {
  std::map<std::string, crypto::Secret> out;
  for (const auto& secret : secrets) out.insert_or_assign(secret.name, tenant.action_secret(secret));
  return out;
}

}  // namespace

std::string_view function_of(std::string_view trigger) {
  if (trigger == kPostLogin) return "onExecutePostLogin";
  if (trigger == kCredentialsExchange) return "onExecuteCredentialsExchange";
  if (trigger == kCustomTokenExchange) return "onExecuteCustomTokenExchange";
  if (trigger == kPreUserRegistration) return "onExecutePreUserRegistration";
  if (trigger == kPostUserRegistration) return "onExecutePostUserRegistration";
  if (trigger == kPostChangePassword) return "onExecutePostChangePassword";
  return {};
}

std::string_view continuing_function_of(std::string_view trigger) { return trigger == kPostLogin ? "onContinuePostLogin" : ""; }

base::Result<actions::Action> loadable(const tenancy::Snapshot& tenant, const model::RunnableAction& action,
                                       const FindDependencies& dependencies) {
  const auto folder_of = [&](const auto& version) -> base::Result<std::string> {
    if (!dependencies || version.dependencies.empty()) return std::string();
    return dependencies(version.version_id, version.dependencies, version.lockfile);
  };
  auto folder = TRY(folder_of(action));
  actions::Action out{.id = action.action_id,
                      .version_id = action.version_id,
                      .name = action.name,
                      .code = action.code,
                      .folder = std::move(folder),
                      .secrets = in_clear(tenant, action.secrets)};
  for (const auto& module : action.modules) {
    auto module_folder = TRY(folder_of(module));
    out.modules.push_back({.version_id = module.version_id,
                           .name = module.name,
                           .code = module.code,
                           .folder = std::move(module_folder),
                           .secrets = in_clear(tenant, module.secrets)});
  }
  return out;
}

// One of the places that a tenant's calls have.
class Triggers::Place {
 public:
  Place(Triggers& triggers, base::TenantId tenant) : triggers_(triggers), tenant_(tenant) {
    const std::scoped_lock lock(triggers_.mutex_);
    auto& running = triggers_.running_[tenant_];
    taken_ = running < kMostOfOneTenant;
    if (taken_) ++running;
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() {
    const std::scoped_lock lock(triggers_.mutex_);
    if (taken_ && --triggers_.running_[tenant_] == 0) triggers_.running_.erase(tenant_);
  }
  bool taken() const { return taken_; }

 private:
  Triggers& triggers_;
  const base::TenantId tenant_;
  bool taken_ = false;
};

actions::Outcome Triggers::call(const tenancy::Snapshot& tenant, const std::vector<model::BoundAction>& bound,
                                actions::Invocation& invocation) const {
  for (const auto& each : bound) {
    auto action = loadable(tenant, each.action, dependencies_);
    if (!action.ok()) return {.status = actions::Status::unavailable, .reason = action.error().description};
    invocation.actions.push_back(std::move(*action));
  }
  return run_(tenant.tenant().id, invocation);
}

TriggerRun Triggers::run(const tenancy::Snapshot& tenant, TriggerCall call) {
  const auto bound = tenant.bindings(call.trigger);
  return run(tenant, *bound, std::move(call));
}

TriggerRun Triggers::run(const tenancy::Snapshot& tenant, const std::vector<model::BoundAction>& bound, TriggerCall call) {
  if (bound.empty()) return {};
  const auto id = tenant.tenant().id;
  const Place place(*this, id);
  if (!place.taken()) return {.results = {}, .execution_id = {}, .failure = busy()};

  const auto began = clock_.now();
  actions::Invocation invocation;
  invocation.trigger = call.trigger;
  invocation.function = function_of(call.trigger);
  if (call.continues) invocation.first_function = continuing_function_of(call.trigger);
  invocation.event = std::move(call.event);
  invocation.cache = cache_.of(id, invocation.trigger, began);
  invocation.can_redirect = call.can_redirect;
  invocation.answer = std::move(call.answer);
  auto outcome = this->call(tenant, bound, invocation);
  redact(outcome, call.tokens);
  const auto ended = clock_.now();

  TriggerRun out;
  out.execution_id = random_.text(32, base::kUrlSafe);
  const model::ActionExecution execution{.execution_id = out.execution_id,
                                         .trigger_id = invocation.trigger,
                                         .status = call.can_redirect && is_suspended(outcome) ? "suspended" : "final",
                                         .results = results_of(invocation, outcome, began, ended),
                                         .created_at = began,
                                         .updated_at = ended};
  const bool ok = outcome.status == actions::Status::ok;
  if (!ok) {
    out.failure = failed(outcome.status);
    call.row.type = "actions_execution_failed";
    call.row.description = base::shortened(why(outcome), 1000);
    describe_failure(call.row, outcome, bound);
    call.row.details["execution_id"] = out.execution_id;
    call.row.details["trigger_id"] = invocation.trigger;
  } else {
    cache_.apply(id, invocation.trigger, outcome.results, ended);
  }
  tenant.store().write(id, [&](const store::Writer& w) {
    store::action_executions::insert(w, execution);
    if (!ok) audit::append(w, call.row, ended);
    return true;
  });
  if (ok) out.results = std::move(outcome.results);
  return out;
}

}  // namespace segue::oauth
