#include "crypto/signing_key.h"

#include <openssl/core_names.h>
#include <openssl/decoder.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "crypto/certificates.h"
#include "crypto/digest.h"
#include "crypto/openssl.h"

namespace segue::crypto {
namespace {

constexpr int kCoordinateSize = 32;
constexpr int kMinRsaBits = 2048;  // RFC 7518 §3.3
constexpr int kMaxRsaBits = 8192;  // a foreign key may not make one verification arbitrarily slow

bool is_rsa(SignatureAlgorithm algorithm) { return algorithm != SignatureAlgorithm::ES256; }

bool signs(SignatureAlgorithm algorithm) {
  return algorithm == SignatureAlgorithm::RS256 || algorithm == SignatureAlgorithm::ES256;
}

// r and s of JWS have fixed widths (RFC 7518 §3.4); OpenSSL speaks DER.
std::string der_to_raw(std::string_view der) {
  const auto* at = octets(der);
  const auto pair = require_owned(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())), "d2i_ECDSA_SIG");
  std::string raw(2 * kCoordinateSize, '\0');
  require(BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), octets(raw), kCoordinateSize) == kCoordinateSize &&
              BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), octets(raw) + kCoordinateSize, kCoordinateSize) == kCoordinateSize,
          "ECDSA signature");
  return raw;
}

std::string raw_to_der(std::string_view raw) {
  const auto pair = require_owned(ECDSA_SIG_new(), "ECDSA_SIG_new");
  auto r = require_owned(BN_bin2bn(octets(raw), kCoordinateSize, nullptr), "BN_bin2bn");
  auto s = require_owned(BN_bin2bn(octets(raw) + kCoordinateSize, kCoordinateSize, nullptr), "BN_bin2bn");
  require(ECDSA_SIG_set0(pair.get(), r.release(), s.release()) == 1, "ECDSA_SIG_set0");
  std::string der(static_cast<std::size_t>(i2d_ECDSA_SIG(pair.get(), nullptr)), '\0');
  auto* at = octets(der);
  i2d_ECDSA_SIG(pair.get(), &at);
  return der;
}

Owned<EVP_PKEY> build_public_key(const char* type, OSSL_PARAM_BLD* builder) {
  const auto parameters = require_owned(OSSL_PARAM_BLD_to_param(builder), "OSSL_PARAM_BLD_to_param");
  const auto context = require_owned(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr), type);
  require(EVP_PKEY_fromdata_init(context.get()) == 1, "EVP_PKEY_fromdata_init");
  EVP_PKEY* key = nullptr;
  const bool made = EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) == 1;
  Owned<EVP_PKEY> owned(key);
  if (made) return owned;
  ERR_clear_error();
  return nullptr;
}

Owned<EVP_PKEY> rsa_public_key(const PublicNumbers& numbers) {
  if (numbers.n.size() > kMaxRsaBits / 8 + 1 || numbers.e.size() > 8) return nullptr;
  const auto n = require_owned(BN_bin2bn(octets(std::string_view(numbers.n)), int_size(numbers.n), nullptr), "BN_bin2bn");
  const auto e = require_owned(BN_bin2bn(octets(std::string_view(numbers.e)), int_size(numbers.e), nullptr), "BN_bin2bn");
  const int bits = BN_num_bits(n.get());
  if (bits < kMinRsaBits || bits > kMaxRsaBits || !BN_is_odd(n.get()) || !BN_is_odd(e.get()) || BN_is_one(e.get()))
    return nullptr;
  const auto builder = require_owned(OSSL_PARAM_BLD_new(), "OSSL_PARAM_BLD_new");
  require(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) == 1 &&
              OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) == 1,
          "OSSL_PARAM_BLD_push_BN");
  return build_public_key("RSA", builder.get());
}

Owned<EVP_PKEY> p256_public_key(const PublicNumbers& numbers) {
  if (numbers.x.size() != kCoordinateSize || numbers.y.size() != kCoordinateSize) return nullptr;
  const auto point = "\x04" + numbers.x + numbers.y;  // SEC 1 §2.3.3, uncompressed
  const auto builder = require_owned(OSSL_PARAM_BLD_new(), "OSSL_PARAM_BLD_new");
  require(OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) == 1 &&
              OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) == 1,
          "OSSL_PARAM_BLD_push");
  return build_public_key("EC", builder.get());
}

bool is_key_of(SignatureAlgorithm algorithm, EVP_PKEY* key) {
  if (is_rsa(algorithm)) return EVP_PKEY_is_a(key, "RSA") == 1 && EVP_PKEY_get_bits(key) >= kMinRsaBits;
  char group[64] = "";
  return EVP_PKEY_is_a(key, "EC") == 1 && EVP_PKEY_get_group_name(key, group, sizeof group, nullptr) == 1 &&
         std::string_view(group) == "prime256v1";
}

std::string number_of(EVP_PKEY* key, const char* name, int width) {
  BIGNUM* number = nullptr;
  require(EVP_PKEY_get_bn_param(key, name, &number) == 1, name);
  const Owned<BIGNUM> owned(number);
  const int size = width > 0 ? width : BN_num_bytes(number);
  std::string out(static_cast<std::size_t>(size), '\0');
  require(BN_bn2binpad(number, octets(out), size) == size, name);
  return out;
}

PublicNumbers numbers_of(EVP_PKEY* key, SignatureAlgorithm algorithm) {
  if (is_rsa(algorithm)) return {.n = number_of(key, OSSL_PKEY_PARAM_RSA_N, 0), .e = number_of(key, OSSL_PKEY_PARAM_RSA_E, 0)};
  return {.x = number_of(key, OSSL_PKEY_PARAM_EC_PUB_X, kCoordinateSize),
          .y = number_of(key, OSSL_PKEY_PARAM_EC_PUB_Y, kCoordinateSize)};
}

// A context bound to the key and to its hash keeps both across calls, so a call is the arithmetic and little else.
Owned<EVP_PKEY_CTX> make_key_context(EVP_PKEY* key, SignatureAlgorithm algorithm, int (*start)(EVP_PKEY_CTX*)) {
  auto context = require_owned(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr), "EVP_PKEY_CTX_new_from_pkey");
  require(start(context.get()) == 1, "key context");
  const bool pss = algorithm == SignatureAlgorithm::PS256;
  if (is_rsa(algorithm)) {
    require(EVP_PKEY_CTX_set_rsa_padding(context.get(), pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING) == 1, "RSA padding");
  }
  const auto* const digest = algorithm == SignatureAlgorithm::RS384 ? fetched_sha384() : fetched_sha256();
  require(EVP_PKEY_CTX_set_signature_md(context.get(), digest) == 1, "signature digest");
  // RFC 7518 §3.5: MGF1 with the same hash, and a salt exactly as long as the hash.
  if (pss) {
    require(EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), digest) == 1 &&
                EVP_PKEY_CTX_set_rsa_pss_saltlen(context.get(), RSA_PSS_SALTLEN_DIGEST) == 1,
            "RSA-PSS");
  }
  return context;
}

Owned<EVP_PKEY_CTX> make_sha1_context(EVP_PKEY* key, int (*start)(EVP_PKEY_CTX*)) {
  auto context = require_owned(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr), "EVP_PKEY_CTX_new_from_pkey");
  require(start(context.get()) == 1 && EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1 &&
              EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha1()) == 1,
          "RSA-SHA1 context");
  return context;
}

// Without it OpenSSL asks the terminal for the passphrase of an encrypted PEM.
int no_passphrase(char*, int, int, void*) { return -1; }

// RFC 8017 §A.1.1: the numbers alone.
Owned<EVP_PKEY> read_pkcs1(BIO* bio) {
  EVP_PKEY* key = nullptr;
  const auto decoder = require_owned(
      OSSL_DECODER_CTX_new_for_pkey(&key, "PEM", "type-specific", "RSA", EVP_PKEY_PUBLIC_KEY, nullptr, nullptr), "decoder");
  const bool read = OSSL_DECODER_from_bio(decoder.get(), bio) == 1;
  Owned<EVP_PKEY> owned(key);
  return read ? std::move(owned) : nullptr;
}

Owned<EVP_PKEY> read_public_pem(std::string_view pem) {
  if (pem.empty() || pem.find("PRIVATE KEY") != std::string_view::npos) return nullptr;
  const auto bio = require_owned(BIO_new_mem_buf(pem.data(), int_size(pem)), "BIO_new_mem_buf");
  const bool certified = pem.find("-----BEGIN CERTIFICATE-----") != std::string_view::npos;
  Owned<EVP_PKEY> key;
  if (certified) {
    const Owned<X509> certificate(PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr));
    if (certificate) key.reset(X509_get_pubkey(certificate.get()));
  } else if (pem.find("-----BEGIN RSA PUBLIC KEY-----") != std::string_view::npos) {
    key = read_pkcs1(bio.get());
  } else {
    key.reset(PEM_read_bio_PUBKEY(bio.get(), nullptr, no_passphrase, nullptr));
  }
  if (!key) ERR_clear_error();
  return key;
}

std::string digest_for(SignatureAlgorithm algorithm, std::string_view data) {
  if (algorithm == SignatureAlgorithm::RS384) return sha384(data);
  const auto digest = sha256(data);
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace

std::string_view to_text(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::RS256: return "RS256";
    case SignatureAlgorithm::ES256: return "ES256";
    case SignatureAlgorithm::RS384: return "RS384";
    case SignatureAlgorithm::PS256: return "PS256";
  }
  throw base::Bug("no such signature algorithm");
}

std::optional<SignatureAlgorithm> signature_algorithm_from(std::string_view text) {
  using enum SignatureAlgorithm;
  for (const auto algorithm : {RS256, ES256, RS384, PS256}) {
    if (to_text(algorithm) == text) return algorithm;
  }
  return std::nullopt;
}

std::optional<SignatureAlgorithm> signing_algorithm_from(std::string_view text) {
  const auto algorithm = signature_algorithm_from(text);
  return algorithm && signs(*algorithm) ? algorithm : std::nullopt;
}

struct VerificationKey::State {
  SignatureAlgorithm algorithm;
  Owned<EVP_PKEY> key;
  ContextPool<EVP_PKEY_CTX> contexts = {};
};

VerificationKey::VerificationKey(std::unique_ptr<State> state) : state_(std::move(state)) {}
VerificationKey::~VerificationKey() = default;
VerificationKey::VerificationKey(VerificationKey&&) noexcept = default;
VerificationKey& VerificationKey::operator=(VerificationKey&&) noexcept = default;

std::optional<VerificationKey> VerificationKey::from_numbers(SignatureAlgorithm algorithm, const PublicNumbers& numbers) {
  auto key = is_rsa(algorithm) ? rsa_public_key(numbers) : p256_public_key(numbers);
  if (!key) return std::nullopt;
  return VerificationKey(std::unique_ptr<State>(new State{algorithm, std::move(key)}));
}

// Rebuilt from the numbers, so that the bounds are one check and nothing else of the file (parameters, a curve spelt out) lives
// on.
std::optional<VerificationKey> VerificationKey::from_public_pem(SignatureAlgorithm algorithm, std::string_view pem) {
  const auto key = read_public_pem(pem);
  if (!key || !is_key_of(algorithm, key.get())) return std::nullopt;
  return from_numbers(algorithm, numbers_of(key.get(), algorithm));
}

PublicNumbers VerificationKey::public_numbers() const { return numbers_of(state_->key.get(), state_->algorithm); }

SignatureAlgorithm VerificationKey::algorithm() const { return state_->algorithm; }

bool VerificationKey::verify(std::string_view data, std::string_view signature) const {
  std::string der;
  if (state_->algorithm == SignatureAlgorithm::ES256) {
    if (signature.size() != 2 * kCoordinateSize) return false;
    der = raw_to_der(signature);
    signature = der;
  }
  const auto digest = digest_for(state_->algorithm, data);
  auto context =
      state_->contexts.take([this] { return make_key_context(state_->key.get(), state_->algorithm, EVP_PKEY_verify_init); });
  const int answer = EVP_PKEY_verify(context.get(), octets(signature), signature.size(), octets(digest), digest.size());
  if (answer != 1) ERR_clear_error();
  state_->contexts.give_back(std::move(context));
  return answer == 1;
}

bool VerificationKey::verify_rsa_sha1(std::string_view data, std::string_view signature) const {
  if (!is_rsa(state_->algorithm)) return false;
  const auto context = make_sha1_context(state_->key.get(), EVP_PKEY_verify_init);
  const auto digest = sha1(data);
  const int answer =
      EVP_PKEY_verify(context.get(), octets(signature), signature.size(), octets(std::string_view(digest)), digest.size());
  if (answer != 1) ERR_clear_error();
  return answer == 1;
}

std::string VerificationKey::to_pem() const {
  const auto bio = require_owned(BIO_new(BIO_s_mem()), "BIO_new");
  require(PEM_write_bio_PUBKEY(bio.get(), state_->key.get()) == 1, "PEM_write_bio_PUBKEY");
  return read_all(bio.get());
}

struct SigningKey::State {
  SignatureAlgorithm algorithm;
  Owned<EVP_PKEY> key;
  ContextPool<EVP_PKEY_CTX> contexts = {};
};

SigningKey::SigningKey(std::unique_ptr<State> state) : state_(std::move(state)) {}
SigningKey::~SigningKey() = default;
SigningKey::SigningKey(SigningKey&&) noexcept = default;
SigningKey& SigningKey::operator=(SigningKey&&) noexcept = default;

SigningKey SigningKey::generate(SignatureAlgorithm algorithm) {
  if (!signs(algorithm)) throw base::Bug("a tenant signs with RS256 or ES256");
  auto key = is_rsa(algorithm)
                 ? require_owned(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", static_cast<std::size_t>(kMinRsaBits)), "RSA keygen")
                 : require_owned(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "prime256v1"), "EC keygen");
  return SigningKey(std::unique_ptr<State>(new State{algorithm, std::move(key)}));
}

SigningKey SigningKey::from_pem(SignatureAlgorithm algorithm, const Secret& pem) {
  const auto bio = require_owned(BIO_new_mem_buf(pem.reveal().data(), int_size(pem.reveal())), "BIO_new_mem_buf");
  auto key = require_owned(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr), "PEM_read_bio_PrivateKey");
  if (!signs(algorithm) || !is_key_of(algorithm, key.get()))
    throw base::Bug("the PEM holds a key of another kind than " + std::string(to_text(algorithm)));
  return SigningKey(std::unique_ptr<State>(new State{algorithm, std::move(key)}));
}

SignatureAlgorithm SigningKey::algorithm() const { return state_->algorithm; }

Secret SigningKey::to_pem() const {
  const auto bio = require_owned(BIO_new(BIO_s_mem()), "BIO_new");
  require(PEM_write_bio_PKCS8PrivateKey(bio.get(), state_->key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1,
          "PEM_write_bio_PKCS8PrivateKey");
  return Secret(read_all(bio.get()));
}

PublicNumbers SigningKey::public_numbers() const { return numbers_of(state_->key.get(), state_->algorithm); }

// Built from the numbers, so that no private key lives on inside a public one.
VerificationKey SigningKey::verification_key() const {
  auto key = VerificationKey::from_numbers(state_->algorithm, public_numbers());
  if (!key) throw base::Bug("a signing key has no usable public half");
  return std::move(*key);
}

std::string SigningKey::sign(std::string_view data) const {
  const auto digest = sha256(data);
  auto context =
      state_->contexts.take([this] { return make_key_context(state_->key.get(), state_->algorithm, EVP_PKEY_sign_init); });
  auto length = static_cast<std::size_t>(EVP_PKEY_get_size(state_->key.get()));
  std::string signature(length, '\0');
  require(EVP_PKEY_sign(context.get(), octets(signature), &length, octets(base::ByteView(digest)), digest.size()) == 1,
          "EVP_PKEY_sign");
  state_->contexts.give_back(std::move(context));
  signature.resize(length);
  return state_->algorithm == SignatureAlgorithm::ES256 ? der_to_raw(signature) : signature;
}

std::string SigningKey::sign_rsa_sha1(std::string_view data) const {
  if (!is_rsa(state_->algorithm)) throw base::Bug("RSA-SHA1 wants an RSA key");
  const auto context = make_sha1_context(state_->key.get(), EVP_PKEY_sign_init);
  const auto digest = sha1(data);
  auto length = static_cast<std::size_t>(EVP_PKEY_get_size(state_->key.get()));
  std::string signature(length, '\0');
  require(EVP_PKEY_sign(context.get(), octets(signature), &length, octets(std::string_view(digest)), digest.size()) == 1,
          "EVP_PKEY_sign");
  signature.resize(length);
  return signature;
}

std::string SigningKey::self_signed_certificate(std::string_view common_name, base::Instant from, base::Instant until) const {
  return make_self_signed_certificate(state_->key.get(), common_name, from, until);
}

}  // namespace segue::crypto
