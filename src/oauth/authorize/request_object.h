// JWT-secured authorization requests (RFC 9101, contract §2.8): the parameters in a JWT that the client signed.
#pragma once
#include "base/result.h"
#include "http/call.h"
#include "http/parameters.h"
#include "model/client.h"
#include "tenancy/snapshot.h"

namespace segue::oauth {

// The parameters of the request, at /authorize and at /oauth/par: as they were sent, or with those that the client signed in
// their place. A client that must sign gets nothing but what it signed. A request object with a jti is spent by this. Inside
// Tenants::on_current: it is judged on the current configuration. An error here is told by a page.
base::Result<http::Parameters> resolve_request_object(const tenancy::Snapshot& tenant, http::Call& call,
                                                      const model::Client& client, const http::Parameters& sent);

// The parts, for tables of tests. What the object says of itself:
base::Outcome check_request_object_claims(const json::object& claims, const tenancy::Snapshot& tenant, std::string_view client_id,
                                          base::Instant now);
// And what it says for the request: every claim that is none of the JWT's own, as text.
base::Result<http::Parameters> signed_parameters(const json::object& claims);

}  // namespace segue::oauth
