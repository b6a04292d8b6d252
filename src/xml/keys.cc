#include "xml/keys.h"

#include "base/bytes.h"
#include "crypto/certificates.h"
#include "crypto/signing_key.h"
#include "xml/library.h"

namespace segue::xml {
namespace {

Owned<xmlSecKey> read_pem(std::string_view pem) {
  const QuietErrors quiet;
  return require_owned(
      xmlSecCryptoAppKeyLoadMemory(reinterpret_cast<const xmlSecByte*>(pem.data()), static_cast<xmlSecSize>(pem.size()),
                                   xmlSecKeyDataFormatPem, nullptr, nullptr, nullptr),
      "xmlSecCryptoAppKeyLoadMemory");
}

}  // namespace

std::string_view uri_of(SignatureAlgorithm algorithm) {
  return algorithm == SignatureAlgorithm::rsa_sha256 ? "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
                                                     : "http://www.w3.org/2000/09/xmldsig#rsa-sha1";
}

std::string_view uri_of(DigestAlgorithm algorithm) {
  return algorithm == DigestAlgorithm::sha256 ? "http://www.w3.org/2001/04/xmlenc#sha256"
                                              : "http://www.w3.org/2000/09/xmldsig#sha1";
}

std::optional<SignatureAlgorithm> signature_algorithm_from_uri(std::string_view uri) {
  for (const auto algorithm : {SignatureAlgorithm::rsa_sha256, SignatureAlgorithm::rsa_sha1}) {
    if (uri_of(algorithm) == uri) return algorithm;
  }
  return std::nullopt;
}

struct PublicKey::State {
  crypto::VerificationKey key;
  Owned<xmlSecKey> handle;
};

PublicKey::PublicKey(std::unique_ptr<State> state) : state_(std::move(state)) {}
PublicKey::~PublicKey() = default;
PublicKey::PublicKey(PublicKey&&) noexcept = default;
PublicKey& PublicKey::operator=(PublicKey&&) noexcept = default;

std::optional<PublicKey> PublicKey::from_pem(std::string_view pem) {
  auto key = crypto::VerificationKey::from_public_pem(crypto::SignatureAlgorithm::RS256, pem);
  if (!key) return std::nullopt;
  // What was checked is what xmlsec gets.
  auto handle = read_pem(key->to_pem());
  return PublicKey(std::unique_ptr<State>(new State{std::move(*key), std::move(handle)}));
}

bool PublicKey::verify(SignatureAlgorithm algorithm, std::string_view data, std::string_view signature) const {
  return algorithm == SignatureAlgorithm::rsa_sha256 ? state_->key.verify(data, signature)
                                                     : state_->key.verify_rsa_sha1(data, signature);
}

_xmlSecKey* PublicKey::handle() const { return state_->handle.get(); }

struct PrivateKey::State {
  crypto::SigningKey key;
  Owned<xmlSecKey> handle;
  std::string certificate;
};

PrivateKey::PrivateKey(const crypto::Secret& key_pem, std::string_view certificate_pem) {
  const auto der = crypto::certificate_der(certificate_pem);
  if (!der) throw base::Bug("the certificate of a SAML key is not readable");
  auto key = crypto::SigningKey::from_pem(crypto::SignatureAlgorithm::RS256, key_pem);
  auto handle = read_pem(key.to_pem().reveal());
  state_.reset(new State{std::move(key), std::move(handle), base::base64(*der)});
}
PrivateKey::~PrivateKey() = default;
PrivateKey::PrivateKey(PrivateKey&&) noexcept = default;
PrivateKey& PrivateKey::operator=(PrivateKey&&) noexcept = default;

std::string PrivateKey::sign(SignatureAlgorithm algorithm, std::string_view data) const {
  return algorithm == SignatureAlgorithm::rsa_sha256 ? state_->key.sign(data) : state_->key.sign_rsa_sha1(data);
}

const std::string& PrivateKey::certificate() const { return state_->certificate; }
_xmlSecKey* PrivateKey::handle() const { return state_->handle.get(); }

}  // namespace segue::xml
