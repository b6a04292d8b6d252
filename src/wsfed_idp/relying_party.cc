#include "wsfed_idp/relying_party.h"

#include "base/text.h"
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

const json::object* addon_object(const model::Client& client) {
  const auto* const addons = json::find_object(client.document, "addons");
  return addons != nullptr ? json::find_object(*addons, "wsfed") : nullptr;
}

bool is_own_realm(const model::Client& client, std::string_view realm) {
  if (realm == client.client_id || realm == std::string(kUrn) + client.client_id) return true;
  if (base::contains(json::find_strings(client.document, "client_aliases"), realm)) return true;
  const auto* const addon = addon_object(client);
  return addon != nullptr && json::find_string(*addon, "audience") == realm;
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
  if (!is_own_realm(*out.client, out.realm)) {
    return saml_messages::refused(
        "The realm " + base::shortened(realm, 256) +
        " is not this application's. Add it to client_aliases of the application, or leave wtrealm out.");
  }
  return out;
}

base::Result<model::WsfedAddon> addon_of(const model::Client& client) {
  const auto* const addon = addon_object(client);
  if (addon == nullptr) {
    return base::Error{
        .kind = base::ErrorKind::forbidden,
        .code = "invalid_request",
        .description = "The application does not speak WS-Federation. Set addons.wsfed of the application, {} at least."};
  }
  return model::wsfed_addon_from(*addon);
}

}  // namespace segue::wsfed_idp
