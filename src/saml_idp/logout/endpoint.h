// GET and POST /samlp/{client_id}/logout (contract §5.8, SAML profiles §4.4): a service provider ends the browser's session, or
// answers that it has done what it was asked.
#pragma once
#include "base/result.h"
#include "http/call.h"
#include "saml_idp/services.h"

namespace segue::saml_idp {

base::Result<http::Response> logout(const Services& services, http::Call& call);
// POST /samlp/{client_id}/logout/confirm: the person's yes, where the service provider's word alone is not enough.
base::Result<http::Response> confirm_logout(const Services& services, http::Call& call);

}  // namespace segue::saml_idp
