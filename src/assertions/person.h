// Who signed in, as the claims of SAML and WS-Federation are made from it.
#pragma once
#include "assertions/claims.h"
#include "model/directory.h"
#include "tenancy/snapshot.h"

namespace segue::assertions {

// `connection_id`: of the identity that signed in.
Person person_of(const tenancy::Snapshot& tenant, const model::User& user, const std::string& connection_id,
                 const std::string& client_id, const store::Reader* r = nullptr);

}  // namespace segue::assertions
