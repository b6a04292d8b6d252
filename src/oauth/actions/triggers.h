// Runs what is bound to a trigger: gathers the code with its secrets, bounds how much of the server one tenant's Actions take,
// keeps what they did for ten days, and says in the log when they fail.
#pragma once
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "actions/invocation.h"
#include "audit/event.h"
#include "base/clock.h"
#include "base/random.h"
#include "oauth/actions/cache.h"
#include "oauth/sign_in_pipeline.h"
#include "tenancy/snapshot.h"

namespace segue::oauth {

// actions::Runner::run, or what a test puts in its place. Blocks.
using RunActions = std::function<actions::Outcome(base::TenantId, const actions::Invocation&)>;

// The folder of the installed dependencies of a version, of an Action or of a module; empty when it has none. May take seconds.
// Empty function: none are installed. `lockfile`: exactly what is to be installed, where that is known.
using FindDependencies = std::function<base::Result<std::string>(
    std::string_view version_id, const std::vector<model::ActionDependency>& dependencies, std::string_view lockfile)>;

inline constexpr std::string_view kPostLogin = "post-login", kCredentialsExchange = "credentials-exchange",
                                  kCustomTokenExchange = "custom-token-exchange";
inline constexpr std::string_view kPreUserRegistration = "pre-user-registration",
                                  kPostUserRegistration = "post-user-registration", kPostChangePassword = "post-change-password";

// The function that an Action of this trigger exports; empty for a trigger that nothing runs here. An Action for one of those is
// refused (design §8.12).
std::string_view function_of(std::string_view trigger);
// The one that goes on after a redirect; empty: there is none.
std::string_view continuing_function_of(std::string_view trigger);
// As a process loads it: with its modules, their secrets in clear, and what they depend on.
base::Result<actions::Action> loadable(const tenancy::Snapshot& tenant, const model::RunnableAction& action,
                                       const FindDependencies& dependencies);

struct TriggerCall {
  std::string_view trigger;
  json::object event;
  audit::Event row;  // of the request: the rows about the run take after it
  bool can_redirect = false;
  bool continues = false;                // the first Action goes on after its redirect
  std::vector<std::string> tokens = {};  // that the event holds: kept out of what is kept of the run
  actions::Answerer answer = {};         // to what an Action asks while it runs; empty: questions are refused
};

struct TriggerRun {
  std::vector<actions::ActionResult> results;
  std::string execution_id;              // empty: nothing ran
  std::optional<SignInRefusal> failure;  // the Actions did not come to their end: nothing they asked for counts
};

class Triggers {
 public:
  Triggers(RunActions run, FindDependencies dependencies, const base::Clock& clock, base::Random& random)
      : run_(std::move(run)), dependencies_(std::move(dependencies)), clock_(clock), random_(random) {}

  bool has(const tenancy::Snapshot& tenant, std::string_view trigger) const { return !tenant.bindings(trigger)->empty(); }
  // What is bound now. Blocks, outside any transaction.
  TriggerRun run(const tenancy::Snapshot& tenant, TriggerCall call);
  // The same for Actions that are named otherwise (custom-token-exchange).
  TriggerRun run(const tenancy::Snapshot& tenant, const std::vector<model::BoundAction>& bound, TriggerCall call);

 private:
  class Place;
  actions::Outcome call(const tenancy::Snapshot& tenant, const std::vector<model::BoundAction>& bound,
                        actions::Invocation& invocation) const;
  const RunActions run_;
  const FindDependencies dependencies_;
  const base::Clock& clock_;
  base::Random& random_;
  ActionCache cache_;
  std::mutex mutex_;
  std::map<base::TenantId, int> running_;
};

}  // namespace segue::oauth
