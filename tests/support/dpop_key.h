// A key of a client that proves its possession (RFC 9449).
#pragma once
#include <atomic>
#include <string>

#include "base/bytes.h"
#include "crypto/digest.h"
#include "crypto/signing_key.h"
#include "jose/jwk.h"
#include "jose/jwt.h"
#include "json/value.h"

namespace segue::test {

class DpopKey {
 public:
  explicit DpopKey(crypto::SignatureAlgorithm algorithm = crypto::SignatureAlgorithm::ES256)
      : key_(crypto::SigningKey::generate(algorithm)) {}

  std::string thumbprint() const { return jose::jwk_thumbprint(key_.verification_key()); }
  json::object jwk() const {
    auto out = jose::public_jwk(key_, "", "");
    for (const auto* const unwanted : {"kid", "use", "alg"}) out.erase(unwanted);
    return out;
  }
  std::string sign_with(const json::object& header, const json::object& claims) const {
    const auto text = base::base64url(json::write(header)) + '.' + base::base64url(json::write(claims));
    return text + '.' + base::base64url(key_.sign(text));
  }
  std::string sign(const json::object& claims) const {
    return sign_with({{"typ", "dpop+jwt"}, {"alg", crypto::to_text(key_.algorithm())}, {"jwk", jwk()}}, claims);
  }
  // A whole proof with a new jti; `access_token` and `nonce` when not empty.
  std::string proof(std::string_view method, std::string_view url, base::Instant now, std::string_view nonce = {},
                    std::string_view access_token = {}) const {
    static std::atomic<int> made{0};
    json::object claims{
        {"jti", "proof-" + std::to_string(++made)}, {"htm", method}, {"htu", url}, {"iat", base::to_seconds(now)}};
    if (!nonce.empty()) claims["nonce"] = nonce;
    if (!access_token.empty()) claims["ath"] = base::base64url(crypto::sha256(access_token));
    return sign(claims);
  }

 private:
  crypto::SigningKey key_;
};

}  // namespace segue::test
