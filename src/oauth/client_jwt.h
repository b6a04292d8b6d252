// What a client signs for us, whatever it says: an assertion that it is itself (RFC 7523) or an authorization request (RFC 9101).
// Both are checked by the same rules as far as they go.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "jose/jwt.h"
#include "model/client.h"
#include "tenancy/snapshot.h"

namespace segue::oauth {

inline constexpr std::size_t kLongestJti = 64;                // bytes (contract §2.8)
inline constexpr std::int64_t kClockSkew = 10;                // seconds (contract §3.2)
inline constexpr std::int64_t kLastSecond = 253'402'300'799;  // of the year 9999: no time lies behind it

// What is told when no key fits, and of a client that has none: a forger learns nothing from it.
inline constexpr std::string_view kUnverified =
    "no credential of the client that has not expired verifies it: check the key, its alg and its kid";

// Verified by one of the client's live credentials among `credential_ids`, by the algorithm of that credential. `typ` may be
// absent.
base::Result<jose::VerifiedJwt> verify_client_jwt(const tenancy::Snapshot& tenant, const model::Client& client,
                                                  const std::vector<std::string>& credential_ids, std::string_view token,
                                                  std::span<const std::string_view> types, base::Instant now);

// A check gives the text of a refusal, or nothing. The audience stands alone, as a string or in an array of one: a token for
// several servers can be carried from one to another.
using Refusal = std::optional<std::string>;
Refusal check_audience(const json::object& claims, const std::vector<std::string>& accepted);
// RFC 7519 §4.1.4–4.1.6: each absent or a whole number of seconds; not expired, not of the future.
Refusal check_times(const json::object& claims, base::Instant now);
// RFC 7519 §4.1.7: a text of 1 to 64 bytes where it is there.
Refusal check_jti(const json::object& claims);

// The issuer under every domain of the tenant.
std::vector<std::string> issuers_of(const tenancy::Snapshot& tenant);

}  // namespace segue::oauth
