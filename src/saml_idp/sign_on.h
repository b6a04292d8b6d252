// GET and POST /samlp/{client_id}: where service providers send people to sign in, and where a link begins a sign-in at one
// (contract §5.8, docs/decisions/0040).
#pragma once
#include "base/result.h"
#include "http/call.h"
#include "saml_idp/services.h"

namespace segue::saml_idp {

// Of what a browser posts: a message of 64 KiB in base64, form-encoded.
inline constexpr std::size_t kSamlFormLimit = 192 * 1024;

base::Result<http::Response> sign_on(const Services& services, http::Call& call);

}  // namespace segue::saml_idp
