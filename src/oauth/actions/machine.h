// The credentials-exchange trigger: Actions of a token that a machine asks for (contract §8.6).
#pragma once
#include <string>
#include <vector>

#include "oauth/actions/triggers.h"
#include "oauth/token_endpoint.h"

namespace segue::oauth {

struct MachineRequest {
  const TokenRequest& request;
  const model::ResourceServer& resource_server;
  std::string organization_id;
  std::vector<std::string> scope;    // granted so far
  std::vector<std::string> allowed;  // by the client grant
  model::RequestOrigin origin;
};

struct MachineEffects {
  std::vector<std::string> scope;
  json::object claims;
};

// The error is what the Action answers, or that it failed. `execution_id` is set when something ran.
base::Result<MachineEffects> run_credentials_exchange(Triggers& triggers, const MachineRequest& machine,
                                                      std::string& execution_id);
// What the commands come to. Pure. A scope is granted only within the client grant.
base::Result<MachineEffects> machine_outcome(const std::vector<actions::ActionResult>& results,
                                             const std::vector<std::string>& scope, const std::vector<std::string>& allowed);

}  // namespace segue::oauth
