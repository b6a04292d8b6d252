// The key of somebody else: signs by any algorithm, also those that the product only verifies or refuses.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "json/value.h"

namespace segue::test {

class ForeignKey {
 public:
  static ForeignKey rsa(int bits = 2048, unsigned long exponent = 65537);
  static ForeignKey rsa_pss();  // an RSA key that its own type restricts to PSS
  static ForeignKey elliptic(const char* curve = "prime256v1");
  ~ForeignKey();
  ForeignKey(ForeignKey&&) noexcept;

  std::string public_pem() const;
  std::string pkcs1_pem() const;
  std::string private_pem() const;
  std::string certificate(base::Instant from, base::Instant until) const;
  json::object jwk() const;  // the public members only
  // RS256, RS384, RS512, PS256 (with any length of salt) or ES256.
  std::string sign(std::string_view alg, std::string_view data, int salt_size = 32) const;
  // A compact JWS over exactly these two texts.
  std::string jws(std::string_view alg, std::string_view header, std::string_view payload) const;
  // `header` gains alg.
  std::string jwt(std::string_view alg, json::object header, const json::object& claims) const;

 private:
  struct State;
  explicit ForeignKey(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace segue::test
