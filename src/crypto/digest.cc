#include "crypto/digest.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>

#include "crypto/certificates.h"
#include "crypto/openssl.h"

namespace segue::crypto {
namespace {

const EVP_MD* fetch_digest(const char* name) {
  const EVP_MD* const digest = EVP_MD_fetch(nullptr, name, nullptr);
  require(digest != nullptr, name);
  return digest;
}

void digest_into(EVP_MD_CTX* context, const EVP_MD* digest, std::string_view data, unsigned char* out) {
  require(EVP_DigestInit_ex2(context, digest, nullptr) == 1 && EVP_DigestUpdate(context, data.data(), data.size()) == 1 &&
              EVP_DigestFinal_ex(context, out, nullptr) == 1,
          "digest");
}

std::string digest_text(const EVP_MD* digest, std::string_view data) {
  const auto context = require_owned(EVP_MD_CTX_new(), "EVP_MD_CTX_new");
  std::string out(static_cast<std::size_t>(EVP_MD_get_size(digest)), '\0');
  digest_into(context.get(), digest, data, octets(out));
  return out;
}

}  // namespace

const EVP_MD* fetched_sha256() {
  static const EVP_MD* const digest = fetch_digest("SHA256");
  return digest;
}

const EVP_MD* fetched_sha384() {
  static const EVP_MD* const digest = fetch_digest("SHA384");
  return digest;
}

Sha256 sha256(std::string_view data) {
  thread_local const auto context = require_owned(EVP_MD_CTX_new(), "EVP_MD_CTX_new");
  Sha256 out;
  digest_into(context.get(), fetched_sha256(), data, reinterpret_cast<unsigned char*>(out.data()));
  return out;
}

std::string sha384(std::string_view data) { return digest_text(fetched_sha384(), data); }

std::string sha512(std::string_view data) {
  static const EVP_MD* const digest = fetch_digest("SHA512");
  return digest_text(digest, data);
}

std::string sha1(std::string_view data) {
  static const EVP_MD* const digest = fetch_digest("SHA1");
  return digest_text(digest, data);
}

std::string md5_hex(std::string_view data) {
  static const EVP_MD* const digest = fetch_digest("MD5");
  return base::hex(base::as_bytes(digest_text(digest, data)));
}

void forget_errors() { ERR_clear_error(); }

bool equal_in_constant_time(base::ByteView a, base::ByteView b) {
  if (a.size() != b.size()) return false;
  return a.empty() || CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

struct HmacKey::State {
  std::string key;
  ContextPool<EVP_MAC_CTX> contexts;

  ~State() { OPENSSL_cleanse(key.data(), key.size()); }

  Owned<EVP_MAC_CTX> make_context() const {
    static EVP_MAC* const hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    require(hmac != nullptr, "HMAC");
    auto context = require_owned(EVP_MAC_CTX_new(hmac), "EVP_MAC_CTX_new");
    char name[] = "SHA256";
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
                                     OSSL_PARAM_construct_end()};
    // data() of a std::string is never null, which would mean "keep the key" here.
    require(EVP_MAC_init(context.get(), octets(std::string_view(key)), key.size(), parameters) == 1, "EVP_MAC_init");
    return context;
  }
};

HmacKey::HmacKey(base::ByteView key) : state_(std::make_unique<State>()) { state_->key = std::string(base::as_text(key)); }
HmacKey::~HmacKey() = default;
HmacKey::HmacKey(HmacKey&&) noexcept = default;
HmacKey& HmacKey::operator=(HmacKey&&) noexcept = default;

Sha256 HmacKey::mac(std::string_view data) const {
  auto context = state_->contexts.take([this] { return state_->make_context(); });
  Sha256 out;
  std::size_t length = 0;
  // Without a key, init starts again from the padded key that the context already holds: two compressions fewer.
  require(EVP_MAC_init(context.get(), nullptr, 0, nullptr) == 1 &&
              EVP_MAC_update(context.get(), octets(data), data.size()) == 1 &&
              EVP_MAC_final(context.get(), reinterpret_cast<unsigned char*>(out.data()), &length, out.size()) == 1 &&
              length == out.size(),
          "HMAC");
  state_->contexts.give_back(std::move(context));
  return out;
}

}  // namespace segue::crypto
