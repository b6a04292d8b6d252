#include "oauth/dpop/proof.h"

#include "base/bytes.h"
#include "base/text.h"
#include "jose/jwk.h"
#include "jose/jwt.h"

namespace segue::oauth::dpop {
namespace {

constexpr std::size_t kMaxProof = 8 * 1024;
constexpr std::size_t kMaxIdentifier = 256;

// RFC 9449 §4.3 step 9: scheme, host and port are compared after normalisation, query and fragment not at all.
bool is_target_uri(std::string_view htu, const ProofTarget& target) {
  constexpr std::string_view kScheme = "https://";
  if (htu.size() < kScheme.size() || !base::iequals(htu.substr(0, kScheme.size()), kScheme)) return false;
  htu = htu.substr(0, htu.find_first_of("?#")).substr(kScheme.size());
  const auto slash = htu.find('/');
  if (slash == std::string_view::npos) return false;
  auto authority = htu.substr(0, slash);
  if (authority.ends_with(":443")) authority.remove_suffix(4);
  if (!base::iequals(authority, target.domain)) return false;
  // Repeated slashes in a path are one here (design §3), so a client that writes them into its request writes them here too.
  std::string path;
  for (const char c : htu.substr(slash)) {
    if (c != '/' || !path.ends_with('/')) path += c;
  }
  return path == target.path;
}

base::Result<crypto::VerificationKey> key_of(const jose::Header& header) {
  const auto algorithm = crypto::signature_algorithm_from(header.alg);
  const auto* const jwk = json::find_object(header.members, "jwk");
  if (!algorithm || jwk == nullptr) return invalid_proof("The DPoP proof names no public key in its header jwk.");
  auto key = jose::parse_public_jwk(*jwk, *algorithm);
  if (!key.ok()) return invalid_proof("The jwk in the header of the DPoP proof is not a public key for its alg.");
  return key;
}

// §4.3 step 12: the access token that is presented, and no other.
bool is_hash_of(std::string_view ath, std::string_view access_token) {
  const auto expected = base::base64url(crypto::sha256(access_token));
  return crypto::equal_in_constant_time(base::as_bytes(ath), base::as_bytes(expected));
}

base::Result<Proof> check_claims(const json::object& claims, const ProofTarget& target) {
  const auto identifier = json::find_string(claims, "jti");
  const auto method = json::find_string(claims, "htm");
  const auto uri = json::find_string(claims, "htu");
  const auto issued_at = json::find_integer(claims, "iat");
  if (!identifier || !method || !uri || !issued_at)
    return invalid_proof("The DPoP proof needs the claims jti, htm, htu and iat.");
  if (identifier->empty() || identifier->size() > kMaxIdentifier)
    return invalid_proof("The jti of the DPoP proof must have 1 to 256 bytes.");
  if (*method != target.method) return invalid_proof("The htm of the DPoP proof is not the method of this request.");
  if (!is_target_uri(*uri, target)) return invalid_proof("The htu of the DPoP proof is not the address of this request.");
  // A time that no clock shows must not overflow later.
  if (*issued_at < 0 || *issued_at > 253'402'300'799) return invalid_proof("The iat of the DPoP proof is no time.");
  if (!target.access_token.empty() && !is_hash_of(json::find_string(claims, "ath").value_or(""), target.access_token))
    return invalid_proof("The ath of the DPoP proof is not the hash of the access token.");
  const auto* const nonce = json::find(claims, "nonce");
  if (nonce != nullptr && !nonce->is_string()) return invalid_proof("The nonce of the DPoP proof must be a string.");
  Proof out;
  out.nonce = json::find_string(claims, "nonce").value_or("");
  out.issued_at = base::from_seconds(*issued_at);
  return out;
}

}  // namespace

base::Error invalid_proof(std::string description) {
  return {
      .kind = base::ErrorKind::invalid_input, .code = "invalid_dpop_proof", .description = std::move(description), .status = 400};
}

base::Result<Proof> read_proof(std::string_view text, const ProofTarget& target) {
  if (text.size() > kMaxProof) return invalid_proof("The DPoP proof is above 8 KiB.");
  std::optional<crypto::VerificationKey> key;
  std::optional<base::Error> bad_key;
  const auto find_key = [&](const jose::Header& header) -> const crypto::VerificationKey* {
    auto found = key_of(header);
    if (!found.ok()) {
      bad_key = found.error();
      return nullptr;
    }
    key.emplace(std::move(*found));
    return &*key;
  };
  using crypto::SignatureAlgorithm;
  const auto jwt =
      jose::verify_jwt(text, find_key,
                       {.algorithms = {SignatureAlgorithm::ES256, SignatureAlgorithm::RS256, SignatureAlgorithm::PS256},
                        .jwk = jose::EmbeddedKey::for_the_key_finder});
  if (bad_key) return *bad_key;
  if (!jwt.ok()) {
    auto error = invalid_proof("The DPoP proof is malformed, or its signature is not valid.");
    error.detail = jwt.error().detail;
    return error;
  }
  // RFC 9449 §4.2: no other JWT of ours or of the client is taken for one.
  if (!base::iequals(jwt->header.typ, "dpop+jwt")) return invalid_proof("The typ of the DPoP proof must be dpop+jwt.");
  auto out = TRY(check_claims(jwt->claims, target));
  out.algorithm = jwt->header.alg;
  out.jkt = jose::jwk_thumbprint(*key);
  // A thumbprint has no line break, so no other pair of key and jti has this text.
  out.identifier_hash = crypto::sha256(out.jkt + "\n" + *json::find_string(jwt->claims, "jti"));
  return out;
}

base::Outcome check_issued_at(const Proof& proof, base::Instant now) {
  if (proof.issued_at > now + kProofClockSkew)
    return invalid_proof("The iat of the DPoP proof lies in the future: set the clock, or use the nonce of DPoP-Nonce.");
  if (proof.issued_at + kProofLifetime <= now)
    return invalid_proof("The DPoP proof is too old: make a new one for every request, or use the nonce of DPoP-Nonce.");
  return base::Unit{};
}

bool is_thumbprint(std::string_view text) {
  const auto raw = base::from_base64url(text);
  return raw && raw->size() == 32;
}

}  // namespace segue::oauth::dpop
