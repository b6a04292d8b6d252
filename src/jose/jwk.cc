#include "jose/jwk.h"

#include "base/bytes.h"
#include "base/text.h"
#include "crypto/digest.h"

namespace segue::jose {
namespace {

base::Error unusable(std::string detail, base::Origin origin = base::Origin::here()) {
  return {.kind = base::ErrorKind::unauthenticated,
          .code = "invalid_token",
          .description = "The JSON Web Key is not a public key that can verify this signature.",
          .detail = std::move(detail),
          .origin = origin};
}

// RFC 7518 §6.2.2, §6.3.2, §6.4: whoever shows one of these shows a secret, and a key shown in public proves nothing.
base::Outcome is_public(const json::object& jwk) {
  for (const auto* const secret : {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}) {
    if (json::find(jwk, secret) != nullptr) return unusable("the key has the private member " + std::string(secret));
  }
  return base::Unit{};
}

base::Outcome says_nothing_else(const json::object& jwk, const char* name, std::string_view expected) {
  if (json::find(jwk, name) != nullptr && json::find_string(jwk, name) != expected) {
    return unusable("`" + std::string(name) + "` is not " + std::string(expected));
  }
  return base::Unit{};
}

// RFC 7517 §4.2–§4.4: what the key says of itself.
base::Outcome is_for(const json::object& jwk, crypto::SignatureAlgorithm algorithm) {
  TRY(says_nothing_else(jwk, "use", "sig"));
  TRY(says_nothing_else(jwk, "alg", crypto::to_text(algorithm)));
  if (json::find(jwk, "key_ops") != nullptr && !base::contains(json::find_strings(jwk, "key_ops"), "verify")) {
    return unusable("`key_ops` has no verify");
  }
  return base::Unit{};
}

// A member in base64url. One number has one text, so that one key has one thumbprint.
base::Result<std::string> number(const json::object& jwk, const char* name) {
  const auto text = json::find_string(jwk, name);
  auto bytes = text ? base::from_base64url(*text) : std::nullopt;
  if (!bytes || bytes->empty()) return unusable(std::string(name) + " is not base64url");
  return std::move(*bytes);
}

// RFC 7518 §6.3.1: without leading zeros.
base::Result<std::string> integer(const json::object& jwk, const char* name) {
  auto bytes = TRY(number(jwk, name));
  if (bytes.front() == '\0') return unusable(std::string(name) + " begins with a zero octet");
  return bytes;
}

}  // namespace

base::Result<crypto::VerificationKey> parse_public_jwk(const json::object& jwk, crypto::SignatureAlgorithm algorithm) {
  TRY(is_public(jwk));
  TRY(is_for(jwk, algorithm));
  const bool elliptic = algorithm == crypto::SignatureAlgorithm::ES256;
  if (json::find_string(jwk, "kty") != (elliptic ? "EC" : "RSA")) return unusable("`kty` does not fit the algorithm");
  crypto::PublicNumbers numbers;
  if (elliptic) {
    if (json::find_string(jwk, "crv") != "P-256") return unusable("`crv` is not P-256");
    numbers.x = TRY(number(jwk, "x"));
    numbers.y = TRY(number(jwk, "y"));
  } else {
    numbers.n = TRY(integer(jwk, "n"));
    numbers.e = TRY(integer(jwk, "e"));
  }
  auto key = crypto::VerificationKey::from_numbers(algorithm, numbers);
  if (!key) return unusable("the numbers are no key of this algorithm");
  return std::move(*key);
}

// RFC 7638 §3: the required members in lexical order, without white space.
std::string jwk_thumbprint(const crypto::VerificationKey& key) {
  const auto numbers = key.public_numbers();
  json::object members;
  if (key.algorithm() == crypto::SignatureAlgorithm::ES256) {
    members["crv"] = "P-256";
    members["kty"] = "EC";
    members["x"] = base::base64url(numbers.x);
    members["y"] = base::base64url(numbers.y);
  } else {
    members["e"] = base::base64url(numbers.e);
    members["kty"] = "RSA";
    members["n"] = base::base64url(numbers.n);
  }
  return base::base64url(crypto::sha256(json::write(members)));
}

}  // namespace segue::jose
