// private_key_jwt: a client proves that it is itself by a signature (RFC 7523 §2.2 and §3, OIDC Core §9, contract §3.2).
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/call.h"
#include "model/client.h"
#include "tenancy/snapshot.h"

namespace segue::oauth {

inline constexpr std::string_view kJwtBearerAssertion = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

base::Error assertion_refused(std::string_view why, std::string detail = {});
// Whom the assertion says it is from. Proves nothing: it tells whose keys to ask.
std::optional<std::string> claimed_client(std::string_view assertion);
// Whether `assertion` proves `client`, for the first time. An assertion that passes is spent.
base::Outcome check_client_assertion(const tenancy::Snapshot& tenant, http::Call& call, const model::Client& client,
                                     std::string_view assertion);
// What the assertion says, in an order that a reader of RFC 7523 §3 can follow.
base::Outcome check_assertion_claims(const json::object& claims, const tenancy::Snapshot& tenant, std::string_view client_id,
                                     base::Instant now);

}  // namespace segue::oauth
