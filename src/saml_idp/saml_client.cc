#include "saml_idp/saml_client.h"

namespace segue::saml_idp {

base::Result<model::SamlAddon> addon_of(const model::Client& client) {
  const auto* const addon = client.addon("samlp");
  if (addon == nullptr) {
    return base::Error{.kind = base::ErrorKind::forbidden,
                       .code = "invalid_request",
                       .description = "The application does not speak SAML. Set addons.samlp of the application, {} at least."};
  }
  return model::saml_addon_from(*addon);
}

std::string sign_on_url(const tenancy::Snapshot& tenant, std::string_view domain, const model::Client& client) {
  return tenant.issuer(domain) + "samlp/" + client.client_id;
}

std::string unasked_audience(const model::Client& client, const model::SamlAddon& addon) {
  if (!addon.audience.empty()) return addon.audience;
  const auto aliases = json::find_strings(client.document, "client_aliases");
  return aliases.empty() ? std::string() : aliases.front();
}

}  // namespace segue::saml_idp
