#include "assertions/overrides.h"

namespace segue::assertions {

Overrides overrides_from(const json::object& o) {
  return {.addon = json::object_or_empty(o, "addon"),
          .attributes = json::object_or_empty(o, "attributes"),
          .relay_state = json::find_string(o, "relay_state")};
}

json::object overridden(const model::Client& client, std::string_view addon, const Overrides& overrides) {
  auto out = json::object_or_empty(json::object_or_empty(client.document, "addons"), addon);
  for (const auto& member : overrides.addon) out[member.key()] = member.value();
  return out;
}

base::Result<model::SamlAddon> overridden_addon(const model::Client& client, const Overrides& overrides) {
  return model::saml_addon_from(overridden(client, "samlp", overrides));
}

}  // namespace segue::assertions
