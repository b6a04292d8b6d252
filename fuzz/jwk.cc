// parse_public_jwk takes public keys in their one canonical form: what it takes can be written again, with the same members, and
// has one thumbprint whatever else the object says. A file of a key (PEM) is read by the same bounds.
#include "jose/jwk.h"

#include "base/bytes.h"
#include "target.h"

using namespace segue;
using crypto::SignatureAlgorithm;
using fuzz::must;

namespace {

constexpr SignatureAlgorithm kAlgorithms[] = {SignatureAlgorithm::RS256, SignatureAlgorithm::ES256, SignatureAlgorithm::RS384,
                                              SignatureAlgorithm::PS256};

json::object written(const crypto::VerificationKey& key) {
  const auto numbers = key.public_numbers();
  if (key.algorithm() == SignatureAlgorithm::ES256)
    return {{"kty", "EC"}, {"crv", "P-256"}, {"x", base::base64url(numbers.x)}, {"y", base::base64url(numbers.y)}};
  return {{"kty", "RSA"}, {"n", base::base64url(numbers.n)}, {"e", base::base64url(numbers.e)}};
}

void is_canonical(const json::object& jwk, const crypto::VerificationKey& key) {
  const auto minimal = written(key);
  for (const auto& member : minimal) must(jwk.at(member.key()) == member.value(), "one text per number");
  const auto again = jose::parse_public_jwk(minimal, key.algorithm());
  must(again.ok() && jose::jwk_thumbprint(*again) == jose::jwk_thumbprint(key), "the thumbprint is of the numbers");
  for (const auto* const secret : {"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
    must(json::find(jwk, secret) == nullptr, "nothing private");
  must(!key.verify("data", std::string(256, '\1')), "a key verifies no noise");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const auto algorithm = kAlgorithms[input.byte() % 4];
  if (const auto document = json::parse(input.rest()); document.ok() && document->is_object()) {
    if (const auto key = jose::parse_public_jwk(document->get_object(), algorithm); key.ok()) {
      is_canonical(document->get_object(), *key);
    }
  }
  if (const auto key = crypto::VerificationKey::from_public_pem(algorithm, input.rest())) {
    must(jose::parse_public_jwk(written(*key), algorithm).ok(), "a PEM gives no key that a JWK would not");
  }
  return 0;
}
