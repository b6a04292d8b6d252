// RSA keys for XML signatures and encryption. Every key is given by our caller: none is ever taken from a message. Safe to use
// from many threads.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/secret.h"

struct _xmlSecKey;

namespace segue::xml {

enum class SignatureAlgorithm { rsa_sha256, rsa_sha1 };
enum class DigestAlgorithm { sha256, sha1 };

std::string_view uri_of(SignatureAlgorithm algorithm);
std::string_view uri_of(DigestAlgorithm algorithm);
std::optional<SignatureAlgorithm> signature_algorithm_from_uri(std::string_view uri);

// Somebody else's key: verifies what they signed, encrypts what only they may read.
class PublicKey {
 public:
  // A certificate, a PUBLIC KEY or an RSA PUBLIC KEY. Nothing when it is no RSA key of 2,048 bits or more.
  static std::optional<PublicKey> from_pem(std::string_view pem);
  ~PublicKey();
  PublicKey(PublicKey&&) noexcept;
  PublicKey& operator=(PublicKey&&) noexcept;
  // A signature beside the data, not in it (SAML bindings §3.4.4.1).
  bool verify(SignatureAlgorithm algorithm, std::string_view data, std::string_view signature) const;
  _xmlSecKey* handle() const;

 private:
  struct State;
  explicit PublicKey(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

class PrivateKey {
 public:
  // Both PEM. Throws base::Bug when one is not what it should be.
  PrivateKey(const crypto::Secret& key_pem, std::string_view certificate_pem);
  ~PrivateKey();
  PrivateKey(PrivateKey&&) noexcept;
  PrivateKey& operator=(PrivateKey&&) noexcept;
  std::string sign(SignatureAlgorithm algorithm, std::string_view data) const;
  const std::string& certificate() const;  // the DER in base64, as X509Certificate has it
  _xmlSecKey* handle() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace segue::xml
