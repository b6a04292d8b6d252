// The public keys of a client (contract §9.6): what makes a credential, and how a client's settings name its credentials.
#pragma once
#include <string>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "json/value.h"
#include "model/client.h"
#include "model/client_credential.h"
#include "store/store.h"

namespace segue::management {

// From the body of POST …/credentials. Its alg defaults to RS256 and its kid to the key's thumbprint (RFC 7638).
base::Result<model::ClientCredential> credential_from(const json::object& body, std::string client_id, base::Random& random,
                                                      base::Instant now);
// May lie in the past: a credential is put out of use that way.
base::Result<base::Instant> expiry_from(std::string_view text);
json::object credential_answer(const model::ClientCredential& credential);

// contract §3.2: client_authentication_methods and token_endpoint_auth_method exclude each other; whichever `patch` sets clears
// the other in `document`.
base::Outcome exclude_other_method(json::object& document, const json::object& patch);
// On creation credentials stand whole in the settings: takes them out and leaves their ids.
base::Result<std::vector<model::ClientCredential>> take_credentials(json::object& document, const std::string& client_id,
                                                                    base::Random& random, base::Instant now);
// Room for a key of each purpose and its successors. Every key of a client without a kid in its JWT is tried, so the number is
// bounded.
inline constexpr std::size_t kMostCredentials = 8;
base::Error too_many_credentials();
// Every credential that the client names is one of its own.
base::Outcome check_named_credentials(const store::Reader& r, const model::Client& client);
bool is_in_use(const model::Client& client, std::string_view credential_id);

}  // namespace segue::management
