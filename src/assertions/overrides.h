// What Actions set with api.samlResponse for one answer of SAML or WS-Federation (contract §8.5), as
// oauth/actions/saml_commands.h writes it down.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/client.h"
#include "model/saml_addon.h"

namespace segue::assertions {

struct Overrides {
  json::object addon;       // members of addons.samlp that count instead of the client's
  json::object attributes;  // further ones, by name
  std::optional<std::string> relay_state;
};
Overrides overrides_from(const json::object& stored);

// The members of the client's addon of that name, with these instead of its own.
json::object overridden(const model::Client& client, std::string_view addon, const Overrides& overrides);
// The same of addons.samlp.
base::Result<model::SamlAddon> overridden_addon(const model::Client& client, const Overrides& overrides);

}  // namespace segue::assertions
