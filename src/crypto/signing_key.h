// Asymmetric keys for JWS (RFC 7518 §3). Safe to use from many threads.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "crypto/secret.h"

namespace segue::crypto {

// What others sign with. The tenant's own keys are RS256 or ES256.
enum class SignatureAlgorithm { RS256, ES256, RS384, PS256 };
std::string_view to_text(SignatureAlgorithm algorithm);
std::optional<SignatureAlgorithm> signature_algorithm_from(std::string_view text);
// Of these names, the two that a SigningKey takes.
std::optional<SignatureAlgorithm> signing_algorithm_from(std::string_view text);

// The public numbers, big-endian. RSA has n and e; P-256 has x and y (32 bytes each).
struct PublicNumbers {
  std::string n, e, x, y;
};

class VerificationKey {
 public:
  // Nothing when the numbers are no key of this algorithm (RSA below 2,048 or above 8,192 bits, a point off the curve).
  static std::optional<VerificationKey> from_numbers(SignatureAlgorithm algorithm, const PublicNumbers& numbers);
  // One `PUBLIC KEY` (SPKI), `RSA PUBLIC KEY` (PKCS#1) or `CERTIFICATE`; of a chain the first. A text that holds a private key
  // gives nothing.
  static std::optional<VerificationKey> from_public_pem(SignatureAlgorithm algorithm, std::string_view pem);
  ~VerificationKey();
  VerificationKey(VerificationKey&&) noexcept;
  VerificationKey& operator=(VerificationKey&&) noexcept;
  SignatureAlgorithm algorithm() const;
  PublicNumbers public_numbers() const;
  // `signature` as in JWS: PKCS#1 v1.5 for RS256 and RS384, PSS with a salt of 32 bytes for PS256, r ‖ s for ES256
  // (RFC 7518 §3.3–§3.5).
  bool verify(std::string_view data, std::string_view signature) const;
  // RSA with SHA-1 and PKCS#1 v1.5, where a SAML service provider was set to it. False for other keys.
  bool verify_rsa_sha1(std::string_view data, std::string_view signature) const;
  std::string to_pem() const;  // SPKI

 private:
  friend class SigningKey;
  struct State;
  explicit VerificationKey(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

class SigningKey {
 public:
  // RSA-2048 or P-256. Throws base::Bug for an algorithm that is for verification only.
  static SigningKey generate(SignatureAlgorithm algorithm);
  // Throws base::Bug when the PEM holds no such key.
  static SigningKey from_pem(SignatureAlgorithm algorithm, const Secret& pem);
  ~SigningKey();
  SigningKey(SigningKey&&) noexcept;
  SigningKey& operator=(SigningKey&&) noexcept;

  SignatureAlgorithm algorithm() const;
  Secret to_pem() const;  // PKCS#8, not encrypted
  PublicNumbers public_numbers() const;
  VerificationKey verification_key() const;
  std::string sign(std::string_view data) const;
  // For a SAML service provider that was set to it. Throws base::Bug for a key that is not RSA.
  std::string sign_rsa_sha1(std::string_view data) const;
  // A self-signed certificate over this key, PEM, for the x5c of the JWKS.
  std::string self_signed_certificate(std::string_view common_name, base::Instant from, base::Instant until) const;

 private:
  struct State;
  explicit SigningKey(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace segue::crypto
