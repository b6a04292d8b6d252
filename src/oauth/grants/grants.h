// The grants of the token endpoint. Each file decides what is its own; the endpoint has done the rest.
#pragma once
#include "oauth/token_endpoint.h"

namespace segue::oauth {

// RFC 6749 §4.1.3, contract §3.4. Logs seacft, feacft.
base::Result<http::Response> exchange_authorization_code(const Services& services, const TokenRequest& request);
// RFC 6749 §6, contract §4.2; with the session transfer audience, contract §1.3. Logs sertft, fertft, ferrt.
base::Result<http::Response> exchange_refresh_token(const Services& services, const TokenRequest& request);
// RFC 6749 §4.4, contract §3.4. Logs seccft, feccft.
base::Result<http::Response> exchange_client_credentials(const Services& services, const TokenRequest& request);
// RFC 6749 §4.3 and its variant that names a realm, contract §3.4. Logs sepft, fepft.
base::Result<http::Response> exchange_password(const Services& services, const TokenRequest& request);
// RFC 8628 §3.4–3.5, contract §3.4. Logs sede, fede.
base::Result<http::Response> exchange_device_code(const Services& services, const TokenRequest& request);
// RFC 8693 with an Action that says whom the subject token names: custom token exchange, contract §3.4. Logs secte, fecte.
base::Result<http::Response> exchange_token(const Services& services, const TokenRequest& request);

}  // namespace segue::oauth
