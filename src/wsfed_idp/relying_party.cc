#include "wsfed_idp/relying_party.h"

#include "base/text.h"
#include "interaction/foreign_protocol.h"
#include "saml_messages/names.h"

namespace segue::wsfed_idp {
namespace {

constexpr std::string_view kUrn = "urn:";

// Clients' own ids before their aliases: nobody takes the name of another client by calling itself so.
std::shared_ptr<const model::Client> client_of(const tenancy::Snapshot& tenant, std::string_view realm) {
  const auto id = realm.starts_with(kUrn) ? realm.substr(kUrn.size()) : realm;
  auto client = tenant.client(id);
  return client ? client : tenant.client_with_alias(realm);
}

base::Error unknown(std::string_view what, std::string_view value) {
  return {
      .kind = base::ErrorKind::not_found,
      .code = "invalid_request",
      .description = "No application, or more than one, has the " + std::string(what) + " " + base::shortened(value, 256) + "."};
}

// What the client is called, and nobody else is; or what its addon says, which somebody has written for this very purpose.
bool is_own_realm(const tenancy::Snapshot& tenant, const model::Client& client, std::string_view realm) {
  if (realm == client.client_id || realm == std::string(kUrn) + client.client_id) return true;
  const auto* const addon = client.addon(interaction::kWsFederation);
  if (addon != nullptr && json::find_string(*addon, "audience") == realm) return true;
  return base::contains(json::find_strings(client.document, "client_aliases"), realm) &&
         !tenant.is_name_of_another(realm, client.client_id);
}

}  // namespace

base::Result<RelyingParty> find_relying_party(const tenancy::Snapshot& tenant, std::string_view client_id,
                                              const std::string& realm) {
  if (client_id.empty() && realm.empty())
    return saml_messages::refused("The link names no application. Add wtrealm, or call /wsfed/{client_id}.");
  RelyingParty out;
  out.client = client_id.empty() ? client_of(tenant, realm) : tenant.client(client_id);
  if (!out.client || out.client->is_global) return client_id.empty() ? unknown("realm", realm) : unknown("client_id", client_id);
  out.realm = realm.empty() ? std::string(kUrn) + out.client->client_id : realm;
  if (!is_own_realm(tenant, *out.client, out.realm)) {
    return saml_messages::refused(
        "The realm " + base::shortened(realm, 256) +
        " is not this application's, or not its alone. Add it to client_aliases of this application only, or leave wtrealm out.");
  }
  return out;
}

base::Result<model::WsfedAddon> addon_of(const model::Client& client) {
  const auto* const addon = client.addon(interaction::kWsFederation);
  if (addon == nullptr) {
    return base::Error{
        .kind = base::ErrorKind::forbidden,
        .code = "invalid_request",
        .description = "The application does not speak WS-Federation. Set addons.wsfed of the application, {} at least."};
  }
  return model::wsfed_addon_from(*addon);
}

}  // namespace segue::wsfed_idp
