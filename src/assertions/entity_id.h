// How the identity provider of SAML and WS-Federation is called.
#pragma once
#include <string>

#include "tenancy/snapshot.h"

namespace segue::assertions {

// The Issuer where the addon names none: `urn:` and the tenant's own domain, whichever of its domains is asked.
inline std::string entity_id_of(const tenancy::Snapshot& tenant) { return "urn:" + tenant.tenant().canonical_domain(); }

}  // namespace segue::assertions
