// How a service provider of SAML names a session in a logout (SAML core §2.7.2).
#pragma once
#include <string>
#include <string_view>

#include "base/ids.h"
#include "tenancy/handles.h"

namespace segue::sessions {

// The same whenever it is asked, and another one for each client: two of them cannot find out that they share a person (SAML core
// §2.7.2). Nobody guesses it.
std::string session_index_of(const tenancy::TenantKeys& keys, base::RowId session_id, std::string_view client_id);

}  // namespace segue::sessions
