#include "oauth/actions/machine.h"

#include <algorithm>

#include "base/text.h"
#include "oauth/actions/commands.h"
#include "oauth/actions/event.h"
#include "oauth/errors.h"
#include "oauth/origin.h"
#include "oauth/shown_parameters.h"

namespace segue::oauth {
namespace {

json::object machine_event(const MachineRequest& m) {
  const auto& request = m.request;
  auto asked = actions_event::request(request.call, m.origin);
  asked["body"] = shown(request.parameters);
  json::object out{{"accessToken", {{"customClaims", json::object{}}, {"scope", json::to_array(m.scope)}}},
                   {"client", actions_event::client(*request.client)},
                   {"request", std::move(asked)},
                   {"resource_server", {{"identifier", m.resource_server.identifier}}},
                   {"tenant", actions_event::tenant(*request.tenant)},
                   {"transaction",
                    {{"requested_scopes", json::to_array(base::split(request.parameters.find("scope").value_or(""), ' '))},
                     {"target_scopes", json::to_array(m.scope)}}}};
  if (const auto in = request.tenant->organization(m.organization_id)) out["organization"] = actions_event::organization(*in);
  return out;
}

// contract §8.6: one of the OAuth codes; what is none becomes access_denied.
base::Error denied(const std::string& code, std::string reason) {
  auto out = access_denied(std::move(reason));
  for (const auto* known : {"invalid_request", "invalid_scope", "invalid_target"}) {
    if (code == known) out.code = code, out.status = 400;
  }
  if (code == "unauthorized_client") out.code = code;
  if (code == "server_error") out.code = code, out.status = 500;
  return out;
}

std::vector<std::string> strings_of(const json::array& arguments) {
  std::vector<std::string> out;
  if (arguments.empty() || !arguments[0].is_array()) return out;
  for (const auto& item : arguments[0].get_array()) {
    if (item.is_string()) out.emplace_back(json::to_view(item.get_string()));
  }
  return out;
}

}  // namespace

base::Result<MachineEffects> machine_outcome(const std::vector<actions::ActionResult>& results,
                                             const std::vector<std::string>& scope, const std::vector<std::string>& allowed) {
  MachineEffects out{.scope = scope, .claims = {}};
  const auto add = [&](const std::string& each) {
    if (base::contains(allowed, each) && !base::contains(out.scope, each)) out.scope.push_back(each);
  };
  for (const auto& result : results) {
    for (const auto& [method, arguments] : result.commands) {
      const auto text = text_argument(arguments, 0);
      if (method == "access.deny") return denied(text, told_argument(arguments, 1));
      if (method == "accessToken.setCustomClaim" && arguments.size() == 2) out.claims[text] = arguments[1];
      if (method == "transaction.addTargetScope") add(text);
      if (method == "transaction.removeTargetScope") std::erase(out.scope, text);
      if (method == "transaction.clearTargetScopes") out.scope.clear();
      if (method == "transaction.setTargetScopes") {
        out.scope.clear();
        for (const auto& each : strings_of(arguments)) add(each);
      }
    }
  }
  return out;
}

base::Result<MachineEffects> run_credentials_exchange(Triggers& triggers, const MachineRequest& m, std::string& execution_id) {
  auto row = event_of(m.request.call, "", &*m.request.client);
  row.ip = m.origin.ip;
  row.audience = m.resource_server.identifier;
  const auto ran =
      triggers.run(*m.request.tenant, {.trigger = kCredentialsExchange, .event = machine_event(m), .row = std::move(row)});
  execution_id = ran.execution_id;
  if (ran.failure) return error_of(*ran.failure);
  return machine_outcome(ran.results, m.scope, m.allowed);
}

}  // namespace segue::oauth
