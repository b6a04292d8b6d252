#include "saml_idp/logout/party.h"

#include "base/text.h"
#include "saml_idp/saml_client.h"
#include "saml_messages/names.h"

namespace segue::saml_idp {

base::Result<Party> party_of(const tenancy::Snapshot& tenant, std::string_view client_id) {
  Party out{.client = tenant.client(client_id), .addon = {}, .key = {}};
  if (!out.client || out.client->is_global) {
    return base::Error{.kind = base::ErrorKind::not_found,
                       .code = "invalid_request",
                       .description = "Unknown client: " + base::shortened(client_id, 64)};
  }
  out.addon = TRY(addon_of(*out.client));
  if (out.addon.signing_cert.empty()) return out;
  out.key = xml::PublicKey::from_pem(out.addon.signing_cert);
  if (!out.key) {
    return saml_messages::refused(
        "The application's addons.samlp.signingCert is no certificate of an RSA key of 2,048 bits or more.");
  }
  return out;
}

std::string logout_url(const tenancy::Snapshot& tenant, std::string_view domain, const model::Client& client) {
  return sign_on_url(tenant, domain, client) + "/logout";
}

}  // namespace segue::saml_idp
