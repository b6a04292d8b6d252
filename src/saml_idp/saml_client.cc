#include "saml_idp/saml_client.h"

#include "base/text.h"
#include "saml_messages/names.h"

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

base::Outcome check_asked_audience(const tenancy::Snapshot& tenant, const model::Client& client, const model::SamlAddon& addon,
                                   const std::string& asked) {
  if (!addon.audience.empty() || !tenant.is_name_of_another(asked, client.client_id)) return base::Unit{};
  return saml_messages::refused("The request's Issuer is a name of another application: " + base::shortened(asked, 256) +
                                ". Send the application's own, or set its addons.samlp.audience.");
}

}  // namespace segue::saml_idp
