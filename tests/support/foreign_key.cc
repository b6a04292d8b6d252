#include "support/foreign_key.h"

#include <openssl/core_names.h>
#include <openssl/encoder.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "crypto/openssl.h"

namespace segue::test {

using crypto::octets;
using crypto::Owned;
using crypto::require;
using crypto::require_owned;

struct ForeignKey::State {
  Owned<EVP_PKEY> key;
};

namespace {

constexpr int kCoordinateSize = 32;

Owned<EVP_PKEY> generate(const char* type, int bits, unsigned long exponent) {
  const auto context = require_owned(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr), type);
  const auto e = require_owned(BN_new(), "BN_new");
  require(BN_set_word(e.get(), exponent) == 1 && EVP_PKEY_keygen_init(context.get()) == 1 &&
              EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), bits) == 1 &&
              EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context.get(), e.get()) == 1,
          "RSA parameters");
  EVP_PKEY* key = nullptr;
  require(EVP_PKEY_generate(context.get(), &key) == 1, "EVP_PKEY_generate");
  return Owned<EVP_PKEY>(key);
}

std::string number(EVP_PKEY* key, const char* name, int width = 0) {
  BIGNUM* value = nullptr;
  require(EVP_PKEY_get_bn_param(key, name, &value) == 1, name);
  const Owned<BIGNUM> owned(value);
  const int size = width > 0 ? width : BN_num_bytes(value);
  std::string out(static_cast<std::size_t>(size), '\0');
  require(BN_bn2binpad(value, octets(out), size) == size, name);
  return base::base64url(out);
}

std::string der_to_raw(const std::string& der) {
  const auto* at = octets(std::string_view(der));
  const auto pair = require_owned(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())), "d2i_ECDSA_SIG");
  std::string raw(2 * kCoordinateSize, '\0');
  BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), octets(raw), kCoordinateSize);
  BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), octets(raw) + kCoordinateSize, kCoordinateSize);
  return raw;
}

}  // namespace

ForeignKey::ForeignKey(std::unique_ptr<State> state) : state_(std::move(state)) {}
ForeignKey::~ForeignKey() = default;
ForeignKey::ForeignKey(ForeignKey&&) noexcept = default;

ForeignKey ForeignKey::rsa(int bits, unsigned long exponent) {
  return ForeignKey(std::unique_ptr<State>(new State{generate("RSA", bits, exponent)}));
}

ForeignKey ForeignKey::rsa_pss() { return ForeignKey(std::unique_ptr<State>(new State{generate("RSA-PSS", 2048, 65537)})); }

ForeignKey ForeignKey::elliptic(const char* curve) {
  return ForeignKey(
      std::unique_ptr<State>(new State{require_owned(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve), "EC keygen")}));
}

std::string ForeignKey::public_pem() const {
  const auto bio = require_owned(BIO_new(BIO_s_mem()), "BIO_new");
  require(PEM_write_bio_PUBKEY(bio.get(), state_->key.get()) == 1, "PEM_write_bio_PUBKEY");
  return crypto::read_all(bio.get());
}

std::string ForeignKey::pkcs1_pem() const {
  auto* const encoder = OSSL_ENCODER_CTX_new_for_pkey(state_->key.get(), EVP_PKEY_PUBLIC_KEY, "PEM", "type-specific", nullptr);
  require(encoder != nullptr, "encoder");
  unsigned char* data = nullptr;
  std::size_t size = 0;
  const bool done = OSSL_ENCODER_to_data(encoder, &data, &size) == 1;
  OSSL_ENCODER_CTX_free(encoder);
  require(done, "PKCS#1");
  std::string out(reinterpret_cast<char*>(data), size);
  OPENSSL_free(data);
  return out;
}

std::string ForeignKey::private_pem() const {
  const auto bio = require_owned(BIO_new(BIO_s_mem()), "BIO_new");
  require(PEM_write_bio_PKCS8PrivateKey(bio.get(), state_->key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1, "PKCS#8");
  return crypto::read_all(bio.get());
}

std::string ForeignKey::certificate(base::Instant from, base::Instant until) const {
  return crypto::make_self_signed_certificate(state_->key.get(), "client.example", from, until);
}

json::object ForeignKey::jwk() const {
  auto* const key = state_->key.get();
  if (EVP_PKEY_is_a(key, "EC") == 1) {
    return {{"kty", "EC"},
            {"crv", "P-256"},
            {"x", number(key, OSSL_PKEY_PARAM_EC_PUB_X, kCoordinateSize)},
            {"y", number(key, OSSL_PKEY_PARAM_EC_PUB_Y, kCoordinateSize)}};
  }
  return {{"kty", "RSA"}, {"n", number(key, OSSL_PKEY_PARAM_RSA_N)}, {"e", number(key, OSSL_PKEY_PARAM_RSA_E)}};
}

std::string ForeignKey::sign(std::string_view alg, std::string_view data, int salt_size) const {
  const auto context = require_owned(EVP_MD_CTX_new(), "EVP_MD_CTX_new");
  const char* const digest = alg.ends_with("384") ? "SHA384" : alg.ends_with("512") ? "SHA512" : "SHA256";
  EVP_PKEY_CTX* settings = nullptr;
  require(EVP_DigestSignInit_ex(context.get(), &settings, digest, nullptr, nullptr, state_->key.get(), nullptr) == 1, "sign");
  if (alg.starts_with("PS")) {
    require(EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING) == 1 &&
                EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, salt_size) == 1,
            "PSS");
  }
  std::size_t size = 0;
  require(EVP_DigestSign(context.get(), nullptr, &size, octets(data), data.size()) == 1, "sign");
  std::string signature(size, '\0');
  require(EVP_DigestSign(context.get(), octets(signature), &size, octets(data), data.size()) == 1, "sign");
  signature.resize(size);
  return alg.starts_with("ES") ? der_to_raw(signature) : signature;
}

std::string ForeignKey::jws(std::string_view alg, std::string_view header, std::string_view payload) const {
  const auto input = base::base64url(header) + '.' + base::base64url(payload);
  return input + '.' + base::base64url(sign(alg, input));
}

std::string ForeignKey::jwt(std::string_view alg, json::object header, const json::object& claims) const {
  header["alg"] = alg;
  return jws(alg, json::write(header), json::write(claims));
}

}  // namespace segue::test
