// DPoP proofs (RFC 9449 §4): what one says, once its signature and its claims are checked. Reads nothing but its arguments.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/digest.h"
#include "model/session_graph.h"

namespace segue::oauth::dpop {

// Names of the algorithms that a proof may be signed with, for discovery and challenges.
inline constexpr std::string_view kAlgorithms[] = {"ES256", "RS256", "PS256"};

// What the proof has to be for (RFC 9449 §4.3).
struct ProofTarget {
  std::string_view method;  // "POST"
  std::string_view domain;  // the registered domain that the request came in on
  std::string_view path;
  std::string_view access_token;  // at resources; empty at the token endpoint
};

struct Proof {
  std::string jkt;  // RFC 7638 thumbprint of the key that signed
  std::string algorithm;
  std::string nonce;  // empty: none. Whether it is one of ours, nonce.h says.
  base::Instant issued_at{};
  model::Digest identifier_hash{};  // of the key and the jti
};

// Checks everything that needs neither the time nor a database. Errors have code "invalid_dpop_proof".
base::Result<Proof> read_proof(std::string_view text, const ProofTarget& target);

// RFC 9449 §4.3 step 11: a proof without a nonce is new by its sender's clock.
inline constexpr std::chrono::seconds kProofLifetime{60};
inline constexpr std::chrono::seconds kProofClockSkew{10};  // how far the sender's clock may be ahead
base::Outcome check_issued_at(const Proof& proof, base::Instant now);

// base64url of a SHA-256: what a thumbprint looks like.
bool is_thumbprint(std::string_view text);

base::Error invalid_proof(std::string description);

}  // namespace segue::oauth::dpop
