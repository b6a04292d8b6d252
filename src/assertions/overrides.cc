#include "assertions/overrides.h"

namespace segue::assertions {

Overrides overrides_from(const json::object& o) {
  return {.addon = json::object_or_empty(o, "addon"),
          .attributes = json::object_or_empty(o, "attributes"),
          .relay_state = json::find_string(o, "relay_state")};
}

json::object overridden(const model::Client& client, std::string_view addon, const Overrides& overrides) {
  const auto* const settings = client.addon(addon);
  auto out = settings != nullptr ? *settings : json::object();
  for (const auto& member : overrides.addon) {
    // One key under two names: the certificate would count before the key that an Action set.
    if (member.key() == "encryptionPublicKey") out.erase("encryptionCert");
    out[member.key()] = member.value();
  }
  return out;
}

base::Result<model::SamlAddon> overridden_addon(const model::Client& client, const Overrides& overrides) {
  return model::saml_addon_from(overridden(client, "samlp", overrides));
}

}  // namespace segue::assertions
