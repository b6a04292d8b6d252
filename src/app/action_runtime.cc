#include "app/action_runtime.h"

#include "app/actions_settings.h"

namespace segue::app {
namespace {

base::Error refusal(std::string text) {
  return {.kind = base::ErrorKind::invalid_input, .code = "", .description = std::move(text)};
}

std::string shown(const actions::Outcome& outcome) {
  if (outcome.results.empty() || outcome.results.back().ok) return outcome.reason;
  const auto& thrown = outcome.results.back().thrown;
  return thrown.name + ": " + thrown.message;
}

json::object shown(const actions::ActionResult& result) {
  json::array commands;
  for (const auto& command : result.commands)
    commands.push_back(json::object{{"method", command.method}, {"arguments", command.arguments}});
  json::object out{{"commands", std::move(commands)}, {"logs", result.log}};
  if (!result.ok) out["error"] = {{"id", result.thrown.name}, {"msg", result.thrown.message}, {"stack", result.thrown.stack}};
  return out;
}

}  // namespace

ActionRuntime::ActionRuntime(const Config& config, const DataFolder& folder, const base::Clock& clock, base::Random& random)
    : config_(config),
      folder_(folder),
      random_(random),
      pipeline_([this](base::TenantId tenant, const actions::Invocation& call) { return run(tenant, call); }, dependencies(),
                clock, random) {}

ActionRuntime::Running::Running(const actions::RunnerOptions& options, const Config& config, const DataFolder& folder,
                                base::Random& random)
    : runner(options, random), installer(runner.sandbox(), installer_options(config, folder, runner.proxy_socket())) {}

base::Result<ActionRuntime::Running*> ActionRuntime::running() const {
  const std::scoped_lock lock(mutex_);
  if (!running_) {
    const auto host_folder = TRY(actions::write_host_files(folder_.actions().string()));
    running_ = std::make_unique<Running>(runner_options(config_, host_folder, process_environment()), config_, folder_, random_);
  }
  return running_.get();
}

actions::Outcome ActionRuntime::run(base::TenantId tenant, const actions::Invocation& invocation) {
  const auto running = this->running();
  if (!running.ok()) return {.status = actions::Status::unavailable, .reason = running.error().description};
  return (*running)->runner.run(tenant, invocation);
}

// Another node may have built the version: this one then installs what it needs before the first call.
oauth::FindDependencies ActionRuntime::dependencies() const {
  return [this](std::string_view version_id, const std::vector<model::ActionDependency>& dependencies,
                std::string_view lockfile) -> base::Result<std::string> {
    const auto& installer = TRY(running())->installer;
    if (auto folder = installer.find(version_id); !folder.empty()) return folder;
    return TRY(installer.install(version_id, dependencies, lockfile)).folder;
  };
}

// A version's packages, before it is loaded: what npm installed is kept with it.
template <class Version>
base::Result<std::string> ActionRuntime::install(const Version& version) const {
  if (version.dependencies.empty()) return std::string();
  const auto& installer = TRY(running())->installer;
  return TRY(installer.install(version.version_id, version.dependencies, version.lockfile)).lockfile;
}

std::optional<std::string> ActionRuntime::problem() const {
  const auto running = this->running();
  if (!running.ok()) return running.error().description;
  auto problem = (*running)->runner.problem();
  return problem.empty() ? std::nullopt : std::optional(std::move(problem));
}

bool ActionRuntime::runs(std::string_view trigger_id) const { return !oauth::function_of(trigger_id).empty(); }

base::Result<std::string> ActionRuntime::build(const tenancy::Snapshot& tenant, const model::RunnableAction& action) {
  auto lockfile = TRY(install(action));
  const auto loaded = load(tenant, action);
  if (loaded.ok()) return lockfile;
  // Nobody will ask for what was installed.
  if (!action.dependencies.empty()) TRY(running())->installer.remove(action.version_id);
  return loaded.error();
}

// An Action that does nothing but require the module.
base::Result<std::string> ActionRuntime::build_module(const tenancy::Snapshot& tenant, const model::RunnableModule& module) {
  auto lockfile = TRY(install(module));
  const model::RunnableAction user{.action_id = "build-of-" + module.version_id,
                                   .name = module.name,
                                   .trigger_id = std::string(oauth::kPostLogin),
                                   .version_id = "build-of-" + module.version_id,
                                   .modules = {module}};
  const auto loaded = load(tenant, user);
  if (loaded.ok()) return lockfile;
  if (!module.dependencies.empty()) TRY(running())->installer.remove(module.version_id);
  return loaded.error();
}

// The code is read by the process that will run it. A function that no Action has keeps everything but its top level from
// running.
base::Outcome ActionRuntime::load(const tenancy::Snapshot& tenant, const model::RunnableAction& action) {
  actions::Invocation invocation;
  invocation.trigger = action.trigger_id;
  invocation.function = "onLoad of the server";
  invocation.function_is_optional = true;
  invocation.loads_modules = true;
  invocation.actions.push_back(TRY(oauth::loadable(tenant, action, dependencies())));
  const auto outcome = run(tenant.tenant().id, invocation);
  if (outcome.status != actions::Status::ok) return refusal(shown(outcome));
  return base::Unit{};
}

base::Result<json::object> ActionRuntime::test(const tenancy::Snapshot& tenant, const model::RunnableAction& action,
                                               const json::object& payload) {
  auto trial = action;
  if (trial.version_id.empty()) trial.version_id = "trial-" + random_.text(22, base::kAlphanumeric);
  actions::Invocation invocation;
  invocation.trigger = action.trigger_id;
  invocation.function = oauth::function_of(action.trigger_id);
  invocation.actions.push_back(TRY(oauth::loadable(tenant, trial, dependencies())));
  const auto* const event = json::find_object(payload, "event");
  invocation.event = event != nullptr ? *event : payload;
  const auto outcome = run(tenant.tenant().id, invocation);
  // A trial does not come back.
  if (action.version_id.empty() && !action.dependencies.empty()) TRY(running())->installer.remove(trial.version_id);
  json::array results;
  for (const auto& result : outcome.results) results.push_back(shown(result));
  json::object out{{"status", to_text(outcome.status)}, {"results", std::move(results)}};
  if (!outcome.reason.empty()) out["reason"] = outcome.reason;
  return out;
}

}  // namespace segue::app
