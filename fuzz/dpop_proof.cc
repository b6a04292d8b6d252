// A DPoP proof that is taken was signed by the key it shows, for this request, and by no private or shared key in its header. A
// nonce that is taken was made here.
#include "base/bytes.h"
#include "oauth/dpop/nonce.h"
#include "oauth/dpop/proof.h"
#include "support/dpop_key.h"
#include "target.h"

using namespace segue;
using namespace segue::oauth;
using fuzz::must;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const test::DpopKey key;
  static const crypto::HmacKey hmac(base::as_bytes(std::string_view("0123456789abcdef0123456789abcdef")));
  static const auto now = base::from_seconds(1'790'000'000);
  static const auto genuine = key.sign({{"jti", "1"},
                                        {"htm", "POST"},
                                        {"htu", "https://tenant.example/oauth/token"},
                                        {"iat", base::to_seconds(now)},
                                        {"nonce", "n"}});
  static const dpop::ProofTarget target{"POST", "tenant.example", "/oauth/token", ""};
  fuzz::Input input(data, size);
  switch (input.byte() % 4) {
    case 0: {
      (void)dpop::read_proof(input.rest(), target).ok();
      break;
    }
    case 1: {
      const auto edited = fuzz::edited(genuine, input.rest());
      const auto proof = dpop::read_proof(edited, target);
      if (proof.ok()) must(edited.substr(0, edited.rfind('.')) == genuine.substr(0, genuine.rfind('.')), "what was signed");
      break;
    }
    case 2: {
      // Any claims, properly signed.
      const auto claims = json::parse(input.rest());
      if (!claims.ok() || !claims->is_object()) break;
      const auto proof = dpop::read_proof(key.sign(claims->get_object()), target);
      if (!proof.ok()) break;
      must(proof->jkt == key.thumbprint(), "the key that signed");
      must(json::find_string(claims->get_object(), "htm") == "POST", "this method");
      must(!json::find_string(claims->get_object(), "jti")->empty(), "an identifier");
      (void)dpop::check_issued_at(*proof, now).ok();
      break;
    }
    default: {
      const auto nonce = fuzz::edited(dpop::make_nonce(hmac, now), input.rest());
      must(dpop::nonce_end(hmac, nonce, now).has_value() == (nonce == dpop::make_nonce(hmac, now)), "a nonce of ours");
    }
  }
  return 0;
}
