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

// Without an audience of the addon's, the answer is for the Issuer, which an unsigned request only claims, and a signed one does
// too: whoever has the application's key may write any. It cannot be the name of another application of the tenant: that one
// would be sent an assertion that somebody else asked for and was given (docs/decisions/0040).
base::Outcome check_asked_audience(const tenancy::Snapshot& tenant, const model::Client& client, const model::SamlAddon& addon,
                                   const std::string& asked);

}  // namespace segue::saml_idp
