#include "assertions/overrides.h"

namespace segue::assertions {

Overrides overrides_from(const json::object& o) {
  return {.addon = json::object_or_empty(o, "addon"),
          .attributes = json::object_or_empty(o, "attributes"),
          .relay_state = json::find_string(o, "relay_state")};
}

base::Result<model::SamlAddon> overridden_addon(const model::Client& client, const Overrides& overrides) {
  auto addon = json::object_or_empty(json::object_or_empty(client.document, "addons"), "samlp");
  for (const auto& member : overrides.addon) addon[member.key()] = member.value();
  return model::saml_addon_from(addon);
}

}  // namespace segue::assertions
