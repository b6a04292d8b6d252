// A service provider in single logout: where it is told and answered, and by which key its messages are known.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/client.h"
#include "model/saml_addon.h"
#include "saml_messages/bindings.h"
#include "tenancy/snapshot.h"
#include "xml/keys.h"

namespace segue::saml_idp {

struct Party {
  std::shared_ptr<const model::Client> client;
  model::SamlAddon addon;
  std::optional<xml::PublicKey> key;  // nothing: the addon has no signingCert

  saml_messages::Trust trust() const { return {.key = key ? &*key : nullptr, .sha1 = addon.sha1_signature}; }
};
// Errors: no such client, no addon, or one that says what cannot be.
base::Result<Party> party_of(const tenancy::Snapshot& tenant, std::string_view client_id);

// Of this client at the domain that was called: where its messages of single logout go.
std::string logout_url(const tenancy::Snapshot& tenant, std::string_view domain, const model::Client& client);

}  // namespace segue::saml_idp
