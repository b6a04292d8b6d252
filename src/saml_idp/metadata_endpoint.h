// GET /samlp/metadata/{client_id}: what a service provider is set up with (SAML metadata §2.4.3, contract §5.8).
#pragma once
#include "base/result.h"
#include "http/call.h"
#include "saml_idp/services.h"

namespace segue::saml_idp {

base::Result<http::Response> metadata(const Services& services, const http::Call& call);

}  // namespace segue::saml_idp
