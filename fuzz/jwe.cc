// decrypt_direct accepts what we encrypted, byte for byte, and nothing else.
#include "jose/jwt.h"
#include "support/seeded_random.h"
#include "target.h"

using namespace segue;
using fuzz::must;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static test::SeededRandom random;
  static const crypto::AeadKey key(random.bytes<32>());
  static const std::string genuine = jose::encrypt_direct(key, random, {{"sub", "auth0|ada"}, {"scope", "openid"}});
  fuzz::Input input(data, size);
  const auto token = input.byte() % 2 == 0 ? std::string(input.rest()) : fuzz::edited(genuine, input.rest());
  must(jose::decrypt_direct(key, token).has_value() == (token == genuine), "the genuine one and no other");
  return 0;
}
