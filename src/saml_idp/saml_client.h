// A client as a service provider of SAML: its addon, and how this identity provider names itself to it (contract §5.8).
#pragma once
#include <string>

#include "base/result.h"
#include "model/client.h"
#include "model/saml_addon.h"
#include "tenancy/snapshot.h"

namespace segue::saml_idp {

// Of a client that has it, `{}` included. Errors say what to set.
base::Result<model::SamlAddon> addon_of(const model::Client& client);

// Of this client at the domain that was called.
std::string sign_on_url(const tenancy::Snapshot& tenant, std::string_view domain, const model::Client& client);

// For whom an assertion is that nobody asked for: the addon's audience, else the first of the client's aliases.
std::string unasked_audience(const model::Client& client, const model::SamlAddon& addon);

}  // namespace segue::saml_idp
