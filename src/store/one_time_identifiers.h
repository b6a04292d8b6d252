// Identifiers that others choose and that count once: the jti of client assertions (RFC 7523 §3), signed requests (RFC 9101) and
// DPoP proofs (RFC 9449 §11.1), the ID of SAML messages. In the database, so that every node knows what any of them has seen.
#pragma once
#include <string_view>

#include "model/session_graph.h"
#include "store/store.h"

namespace segue::store::one_time_identifiers {

inline constexpr std::string_view kClientAssertion = "client_assertion";
inline constexpr std::string_view kRequestObject = "request_object";
inline constexpr std::string_view kDpopProof = "dpop_proof";
inline constexpr std::string_view kSamlMessage = "saml_message";

// Exactly once until `expires_at`, which lies behind the last moment at which its bearer would be accepted: true for the first
// who comes with it. The hash covers whose identifier it is.
bool claim(const Writer& w, std::string_view kind, const model::Digest& identifier_hash, base::Instant expires_at,
           base::Instant now);
bool has_expired(const Reader& r, base::Instant now);
// Removes up to `most` that expired before `now`; returns how many.
std::int64_t sweep(const Writer& w, base::Instant now, int most);

}  // namespace segue::store::one_time_identifiers
