// What the files of this folder share about OpenSSL: ownership, faults, and contexts that are made once and used again.
// Nothing outside crypto/ includes it.
#pragma once
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/decoder.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509v3.h>

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"

namespace segue::crypto {

struct OpensslFree {
  void operator()(ASN1_STRING* p) const { ASN1_STRING_free(p); }  // every ASN.1 string and time is this one type
  void operator()(BIGNUM* p) const { BN_clear_free(p); }
  void operator()(BIO* p) const { BIO_free_all(p); }
  void operator()(ECDSA_SIG* p) const { ECDSA_SIG_free(p); }
  void operator()(EVP_CIPHER_CTX* p) const { EVP_CIPHER_CTX_free(p); }
  void operator()(EVP_MAC_CTX* p) const { EVP_MAC_CTX_free(p); }
  void operator()(EVP_MD_CTX* p) const { EVP_MD_CTX_free(p); }
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(EVP_PKEY_CTX* p) const { EVP_PKEY_CTX_free(p); }
  void operator()(GENERAL_NAME* p) const { GENERAL_NAME_free(p); }
  void operator()(GENERAL_NAMES* p) const { GENERAL_NAMES_free(p); }
  void operator()(OSSL_DECODER_CTX* p) const { OSSL_DECODER_CTX_free(p); }
  void operator()(OSSL_PARAM* p) const { OSSL_PARAM_free(p); }
  void operator()(OSSL_PARAM_BLD* p) const { OSSL_PARAM_BLD_free(p); }
  void operator()(PKCS7* p) const { PKCS7_free(p); }
  void operator()(X509* p) const { X509_free(p); }
  void operator()(X509_EXTENSION* p) const { X509_EXTENSION_free(p); }
};
template <class T>
using Owned = std::unique_ptr<T, OpensslFree>;

// Throws base::Bug with OpenSSL's own reason, and leaves its error queue empty: a stale entry would mislead TLS on this thread.
inline void require(bool done, const char* what, base::Origin origin = base::Origin::here()) {
  if (done) return;
  char reason[256] = "";
  ERR_error_string_n(ERR_peek_last_error(), reason, sizeof reason);
  ERR_clear_error();
  throw base::Bug(std::string("OpenSSL failed at ") + what + ": " + reason, origin);
}

template <class T>
Owned<T> require_owned(T* pointer, const char* what, base::Origin origin = base::Origin::here()) {
  require(pointer != nullptr, what, origin);
  return Owned<T>(pointer);
}

// Contexts that belong to one key and die with it. A user takes one out, so no two threads share it, and gives it back only
// after success: one left in an unknown state by a fault is not used again.
template <class Context>
class ContextPool {
 public:
  template <class Make>
  Owned<Context> take(const Make& make) {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        auto context = std::move(idle_.back());
        idle_.pop_back();
        return context;
      }
    }
    return make();
  }
  void give_back(Owned<Context> context) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(context));
  }

 private:
  std::mutex mutex_;
  std::vector<Owned<Context>> idle_;
};

inline const unsigned char* octets(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
inline const unsigned char* octets(base::ByteView bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }
inline unsigned char* octets(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
// For the many lengths that OpenSSL takes as int.
inline int int_size(std::string_view text) {
  if (text.size() > 0x7FFFFF00) throw base::Bug("too much data for one OpenSSL call");
  return static_cast<int>(text.size());
}

inline std::string read_all(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

// Fetched once and never freed: OpenSSL's own clean-up at exit runs after every user is gone.
const EVP_MD* fetched_sha256();
const EVP_MD* fetched_sha384();

std::string make_self_signed_certificate(EVP_PKEY* key, std::string_view common_name, base::Instant from, base::Instant until);

}  // namespace segue::crypto
