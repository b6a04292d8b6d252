// /api/v2/actions/… and /api/v2/token-exchange-profiles (contract §8.1, §8.2, §3.4).
#pragma once
#include <vector>

#include "management/errors.h"
#include "management/operation.h"
#include "model/action.h"

namespace segue::management {

std::vector<const Operation*> action_operations();
std::vector<const Operation*> action_deployment_operations();
std::vector<const Operation*> action_trigger_operations();
std::vector<const Operation*> action_module_operations();
std::vector<const Operation*> token_exchange_profile_operations();

inline Error inexistent_action() { return not_found("That action does not exist.", ""); }

// A version that was built and is not stored yet.
struct BuiltVersion {
  model::ActionVersion version;
  std::vector<std::string> warnings;
};
// Builds `source` as the next version of `action`. Blocks for as long as npm does: on Lane::outbound, outside any transaction.
// `lockfile`: of the version that `source` comes from, whose packages it then has again.
base::Result<BuiltVersion> build_version(const Services& services, const Invocation& invocation, const model::Action& action,
                                         const model::ActionSource& source, std::string lockfile = {});
// Makes it the version that runs. `action` is as it stands, locked by the caller; it is brought up to date.
void store_version(const store::Writer& w, const Invocation& invocation, model::Action& action, const BuiltVersion& built);
// `warnings` is a member that the tools ignore.
void add_warnings(json::object& answer, const BuiltVersion& built);

}  // namespace segue::management
