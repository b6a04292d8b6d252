// verify_jwt accepts nothing but what one of our keys signed, by that key's own algorithm, with a header that names no key and no
// extension of the sender's choice.
#include "jose/jwt.h"

#include "base/bytes.h"
#include "target.h"

using namespace segue;
using fuzz::must;

namespace {

struct Keys {
  crypto::SigningKey ec = crypto::SigningKey::generate(crypto::SignatureAlgorithm::ES256);
  crypto::SigningKey rsa = crypto::SigningKey::generate(crypto::SignatureAlgorithm::RS256);
  crypto::VerificationKey ec_public = ec.verification_key(), rsa_public = rsa.verification_key();
  std::string genuine = jose::sign_jwt(ec, "ec", "at+jwt", {{"sub", "auth0|ada"}, {"exp", 1790000000}});
  jose::KeyFinder finder = [this](const jose::Header& header) -> const crypto::VerificationKey* {
    return header.kid == "rsa" ? &rsa_public : &ec_public;
  };
};

std::string_view signed_part(std::string_view token) { return token.substr(0, token.rfind('.')); }

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Keys keys;
  fuzz::Input input(data, size);
  const auto form = input.byte() % 3;
  switch (form) {
    case 0:
    case 1: {
      const auto token = form == 0 ? std::string(input.rest()) : fuzz::edited(keys.genuine, input.rest());
      // libFuzzer reads our comparisons, so it may present the genuine one.
      must(!jose::verify_jwt_hs256(token, "0123456789abcdef0123456789abcdef").ok(), "nobody but the key's holder makes a MAC");
      if (jose::verify_jwt(token, keys.finder).ok()) {
        must(signed_part(token) == signed_part(keys.genuine), "what we signed and nothing else");
      }
      break;
    }
    default: {
      const auto header = input.line();
      const auto text = base::base64url(header) + '.' + base::base64url(input.rest());
      const auto verified = jose::verify_jwt(text + '.' + base::base64url(keys.ec.sign(text)), keys.finder);
      if (!verified.ok()) break;
      must(verified->header.alg == "ES256" && verified->header.kid != "rsa", "the key's own algorithm");
      const auto read = json::parse(header);
      for (const auto* const refused : {"crit", "jku", "x5u", "jwk"}) {
        must(read.ok() && json::find(read->get_object(), refused) == nullptr, "no header that names a key or an extension");
      }
      must(json::parse(input.rest()).ok(), "claims are JSON");
    }
  }
  return 0;
}
