#include "jose/jwt.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/bytes.h"
#include "base/text.h"
#include "crypto/certificates.h"
#include "crypto/system_random.h"

namespace segue::jose {
namespace {

using crypto::SignatureAlgorithm;
using crypto::SigningKey;
using crypto::VerificationKey;

// RFC 7515 appendix A: one payload, with its line breaks, under several algorithms.
constexpr std::string_view kRfcPayload =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
constexpr std::string_view kRfcRsaModulus =
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_"
    "YpRPEwOW"
    "vG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-"
    "UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9k"
    "G4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
constexpr std::string_view kRfcRsaSignature =
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
    "O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4"
    "BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-"
    "eOkHWEsqtFZESc6BfI7noOPqv"
    "hJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
constexpr std::string_view kRfcEcSignature =
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

std::string decode(std::string_view text) { return base::from_base64url(text).value(); }

KeyFinder always(const VerificationKey& key) {
  return [&key](const Header&) { return &key; };
}

bool is_refused(std::string_view token, const KeyFinder& find_key) {
  const auto result = verify_jwt(token, find_key);
  if (result.ok()) return false;
  EXPECT_EQ(result.error().code, "invalid_token");
  EXPECT_EQ(result.error().kind, base::ErrorKind::unauthenticated);
  return true;
}

// A token with any header and payload, properly signed.
std::string sign_raw(const SigningKey& key, std::string_view header, std::string_view payload) {
  const auto input = base::base64url(header) + '.' + base::base64url(payload);
  return input + '.' + base::base64url(key.sign(input));
}

class Jwt : public testing::Test {
 protected:
  // Made once: RSA keys are slow to find under a sanitizer.
  static const SigningKey& rsa() {
    static const auto key = SigningKey::generate(SignatureAlgorithm::RS256);
    return key;
  }
  static const SigningKey& ec() {
    static const auto key = SigningKey::generate(SignatureAlgorithm::ES256);
    return key;
  }
  const VerificationKey rsa_public = rsa().verification_key();
  const VerificationKey ec_public = ec().verification_key();
};

TEST_F(Jwt, verifies_the_rs256_example_of_rfc_7515) {
  const auto key = VerificationKey::from_numbers(SignatureAlgorithm::RS256, {.n = decode(kRfcRsaModulus), .e = decode("AQAB")});
  ASSERT_TRUE(key);
  const auto token = "eyJhbGciOiJSUzI1NiJ9." + std::string(kRfcPayload) + '.' + std::string(kRfcRsaSignature);
  const auto jwt = verify_jwt(token, always(*key));
  ASSERT_TRUE(jwt.ok());
  EXPECT_EQ(json::find_string(jwt->claims, "iss"), "joe");
  EXPECT_EQ(json::find_integer(jwt->claims, "exp"), 1300819380);
  EXPECT_EQ(jwt->header.alg, "RS256");
  EXPECT_EQ(jwt->header.kid, "");
}

TEST_F(Jwt, verifies_the_es256_example_of_rfc_7515) {
  const auto key = VerificationKey::from_numbers(
      SignatureAlgorithm::ES256,
      {.x = decode("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"), .y = decode("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")});
  ASSERT_TRUE(key);
  const auto token = "eyJhbGciOiJFUzI1NiJ9." + std::string(kRfcPayload) + '.' + std::string(kRfcEcSignature);
  EXPECT_TRUE(verify_jwt(token, always(*key)).ok());
}

TEST_F(Jwt, takes_hs256_under_its_own_secret_and_no_other_algorithm) {
  const std::string secret = "0123456789abcdef0123456789abcdef", other = "0123456789abcdef0123456789abcdeF";
  const auto token = sign_jwt_hs256(secret, "JWT", {{"sub", "u"}});
  const auto verified = verify_jwt_hs256(token, secret);
  ASSERT_TRUE(verified.ok());
  EXPECT_EQ(json::find_string(verified->claims, "sub"), "u");
  auto tampered = token;
  tampered.back() = tampered.back() == 'A' ? 'Q' : 'A';
  const auto unsigned_token =
      base::base64url(R"({"alg":"none"})") + token.substr(token.find('.'), token.rfind('.') - token.find('.') + 1);
  for (const auto& refused : {tampered, unsigned_token, std::string("a.b.c"), sign_jwt(rsa(), "k", "JWT", {{"sub", "u"}})}) {
    EXPECT_FALSE(verify_jwt_hs256(refused, secret).ok()) << refused;
  }
  EXPECT_FALSE(verify_jwt_hs256(token, other).ok());
  EXPECT_FALSE(verify_jwt_hs256(token, "too short").ok());
}

TEST_F(Jwt, signs_hs256_as_the_example_of_rfc_7515_does) {
  // Appendix A.1 signs a header and payload with line breaks, so the key is checked through the MAC of its input.
  const auto secret = decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");
  const auto input = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." + std::string(kRfcPayload);
  EXPECT_EQ(base::base64url(crypto::HmacKey(base::as_bytes(secret)).mac(input)), "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
  const auto token = sign_jwt_hs256(secret, "JWT", {{"sub", "u"}});
  const auto signed_text = token.substr(0, token.rfind('.'));
  EXPECT_EQ(decode(signed_text.substr(0, signed_text.find('.'))), R"({"alg":"HS256","typ":"JWT"})");
  EXPECT_EQ(token.substr(token.rfind('.') + 1), base::base64url(crypto::HmacKey(base::as_bytes(secret)).mac(signed_text)));
  EXPECT_THROW(sign_jwt_hs256("too short", "JWT", {}), base::Bug);
}

TEST_F(Jwt, comes_back_with_its_header_and_claims) {
  for (const auto* const key : {&rsa(), &ec()}) {
    const auto token = sign_jwt(*key, "key-1", "at+jwt", {{"sub", "auth0|ü"}, {"aud", {"a", "b"}}, {"exp", 1'790'000'000}});
    EXPECT_EQ(decode(token.substr(0, token.find('.'))),
              R"({"alg":")" + std::string(crypto::to_text(key->algorithm())) + R"(","typ":"at+jwt","kid":"key-1"})");
    std::string asked_for;
    const auto verifier = key->verification_key();
    const auto jwt = verify_jwt(token, [&](const Header& header) {
      asked_for = header.kid;
      return &verifier;
    });
    ASSERT_TRUE(jwt.ok());
    EXPECT_EQ(asked_for, "key-1");
    EXPECT_EQ(jwt->header.typ, "at+jwt");
    EXPECT_EQ(json::find_string(jwt->claims, "sub"), "auth0|ü");
    EXPECT_EQ(json::find_strings(jwt->claims, "aud"), (std::vector<std::string>{"a", "b"}));
  }
}

TEST_F(Jwt, is_refused_with_any_character_changed) {
  const auto token = sign_jwt(ec(), "k", "JWT", {{"sub", "user"}});
  for (std::size_t i = 0; i < token.size(); ++i) {
    for (const char replacement : {'A', '_', '.', '=', '\n', '\0'}) {
      auto changed = token;
      if (changed[i] == replacement) continue;
      changed[i] = replacement;
      EXPECT_TRUE(is_refused(changed, always(ec_public))) << i;
    }
    EXPECT_TRUE(is_refused(token.substr(0, i), always(ec_public)));
  }
  EXPECT_FALSE(is_refused(token, always(ec_public)));
}

TEST_F(Jwt, has_exactly_three_parts_without_padding_or_white_space) {
  const auto token = sign_jwt(ec(), "k", "JWT", {{"sub", "user"}});
  for (const auto& changed :
       {std::string(), std::string("."), std::string(".."), std::string("..."), token + ".", "." + token, token + ".x",
        token + "=", token + " ", " " + token, token + "\n", token.substr(0, token.rfind('.')),
        token.substr(0, token.rfind('.') + 1), token + "A", token + "AAAA"}) {
    EXPECT_TRUE(is_refused(changed, always(ec_public))) << changed;
  }
}

TEST_F(Jwt, cannot_choose_its_algorithm) {
  const std::string claims = R"({"sub":"user"})";
  EXPECT_TRUE(is_refused(sign_raw(ec(), R"({"alg":"RS256"})", claims), always(ec_public)));
  EXPECT_TRUE(is_refused(sign_raw(ec(), R"({"alg":"ES256"})", claims), always(rsa_public)));
  EXPECT_TRUE(is_refused(sign_raw(rsa(), R"({"alg":"ES256"})", claims), always(rsa_public)));
  for (const auto* const alg : {"none", "None", "NONE", "HS256", "RS384", "PS256", "es256", "", "ES256\\u0000"}) {
    const auto header = std::string(R"({"alg":")") + alg + "\"}";
    EXPECT_TRUE(is_refused(sign_raw(ec(), header, claims), always(ec_public))) << alg;
    EXPECT_TRUE(is_refused(base::base64url(header) + '.' + base::base64url(claims) + '.', always(ec_public))) << alg;
  }
  for (const auto* const header : {"{}", R"({"alg":1})", R"({"alg":null})", R"({"alg":["ES256"]})", "[]", "\"ES256\"", "", "{"}) {
    EXPECT_TRUE(is_refused(sign_raw(ec(), header, claims), always(ec_public))) << header;
  }
}

TEST_F(Jwt, signed_with_the_public_key_as_an_hmac_secret_is_refused) {
  const auto certificate = rsa().self_signed_certificate("t", base::from_seconds(0), base::from_seconds(1));
  EXPECT_TRUE(is_refused(sign_jwt_hs256(certificate, "JWT", {{"sub", "admin"}}), always(rsa_public)));
  EXPECT_TRUE(is_refused(sign_jwt_hs256(rsa().public_numbers().n, "JWT", {{"sub", "admin"}}), always(rsa_public)));
}

TEST_F(Jwt, is_refused_when_its_header_names_a_key_or_an_extension) {
  for (const auto* const member :
       {R"("crit":["exp"])", R"("crit":[])", R"("jku":"https://evil.example/jwks")", R"("x5u":"https://evil.example/")",
        R"("jwk":{"kty":"EC"})", R"("jwk":null)", R"("kid":7)", R"("typ":{})", R"("alg":"ES256")"}) {
    const auto header = R"({"alg":"ES256",)" + std::string(member) + "}";
    EXPECT_TRUE(is_refused(sign_raw(ec(), header, "{}"), always(ec_public))) << header;
  }
  EXPECT_FALSE(is_refused(sign_raw(ec(), R"({"alg":"ES256","cty":"x","x5t":"y"})", "{}"), always(ec_public)));
}

TEST_F(Jwt, is_refused_when_its_claims_are_no_object_or_say_something_twice) {
  for (const auto* const claims : {"", "[]", "null", "\"x\"", "{", R"({"sub":"a","sub":"b"})", "{}{}", "{\"a\":\"\xff\"}"}) {
    EXPECT_TRUE(is_refused(sign_raw(ec(), R"({"alg":"ES256"})", claims), always(ec_public))) << claims;
  }
}

TEST_F(Jwt, is_refused_when_no_key_fits_or_another_key_signed) {
  const auto token = sign_jwt(ec(), "k", "JWT", {});
  EXPECT_TRUE(is_refused(token, [](const Header&) { return nullptr; }));
  const auto other = SigningKey::generate(SignatureAlgorithm::ES256).verification_key();
  EXPECT_TRUE(is_refused(token, always(other)));
}

TEST_F(Jwt, above_16_kib_is_refused_before_any_work) {
  bool asked = false;
  const auto find = [&](const Header&) {
    asked = true;
    return &ec_public;
  };
  EXPECT_FALSE(is_refused(sign_jwt(ec(), "k", "JWT", {{"x", std::string(12'000, 'x')}}), find));
  asked = false;
  EXPECT_TRUE(is_refused(sign_jwt(ec(), "k", "JWT", {{"x", std::string(12'300, 'x')}}), find));
  EXPECT_TRUE(is_refused(std::string(10'000'000, '.'), find));
  EXPECT_FALSE(asked);
}

TEST_F(Jwt, signature_in_der_or_of_zeros_is_refused) {
  const auto token = sign_jwt(ec(), "k", "JWT", {});
  const auto input = token.substr(0, token.rfind('.') + 1);
  EXPECT_TRUE(is_refused(input + base::base64url(std::string(64, '\0')), always(ec_public)));
  const auto raw = decode(token.substr(input.size()));
  const auto der = std::string("\x30\x46\x02\x21\x00", 5) + raw.substr(0, 32) + std::string("\x02\x21\x00", 3) + raw.substr(32);
  EXPECT_TRUE(is_refused(input + base::base64url(der), always(ec_public)));
}

class Jwe : public testing::Test {
 protected:
  crypto::SystemRandom random;
  const crypto::AeadKey key{random.bytes<32>()};
};

TEST_F(Jwe, comes_back_with_its_claims_and_has_five_parts_with_the_second_empty) {
  const auto token = encrypt_direct(key, random, {{"sub", "user"}, {"scope", "openid"}});
  EXPECT_TRUE(token.starts_with(base::base64url(R"({"alg":"dir","enc":"A256GCM"})") + ".."));
  EXPECT_EQ(std::count(token.begin(), token.end(), '.'), 4);
  const auto claims = decrypt_direct(key, token);
  ASSERT_TRUE(claims);
  EXPECT_EQ(json::write(*claims), R"({"sub":"user","scope":"openid"})");
}

TEST_F(Jwe, is_refused_with_any_character_changed_or_under_another_key) {
  const auto token = encrypt_direct(key, random, {{"sub", "user"}});
  EXPECT_FALSE(decrypt_direct(crypto::AeadKey(random.bytes<32>()), token));
  for (std::size_t i = 0; i < token.size(); ++i) {
    for (const char replacement : {'A', '_', '.', '='}) {
      auto changed = token;
      if (changed[i] == replacement) continue;
      changed[i] = replacement;
      EXPECT_FALSE(decrypt_direct(key, changed)) << i;
    }
    EXPECT_FALSE(decrypt_direct(key, token.substr(0, i)));
  }
  for (const auto& changed :
       {token + ".", token + "=", "." + token, std::string(), std::string("...."), std::string(20'000, 'A')}) {
    EXPECT_FALSE(decrypt_direct(key, changed));
  }
}

TEST_F(Jwe, with_another_header_is_refused_even_when_sealed_properly) {
  const auto header = base::base64url(R"({"enc":"A256GCM","alg":"dir"})");
  const auto sealed = key.seal_parts(random, "{}", header);
  EXPECT_FALSE(decrypt_direct(key, header + ".." + base::base64url(sealed.iv) + '.' + base::base64url(sealed.ciphertext) + '.' +
                                       base::base64url(sealed.tag)));
}

TEST_F(Jwt, jwk_has_the_numbers_that_verify_and_the_certificate) {
  const auto pem = rsa().self_signed_certificate("tenant.example", base::from_seconds(0), base::from_seconds(1));
  const auto jwk = public_jwk(rsa(), "kid-1", pem);
  EXPECT_EQ(json::find_string(jwk, "kty"), "RSA");
  EXPECT_EQ(json::find_string(jwk, "use"), "sig");
  EXPECT_EQ(json::find_string(jwk, "alg"), "RS256");
  EXPECT_EQ(json::find_string(jwk, "kid"), "kid-1");
  EXPECT_EQ(json::find_string(jwk, "e"), "AQAB");
  const auto der = crypto::certificate_der(pem).value();
  EXPECT_EQ(json::find_strings(jwk, "x5c"), std::vector{base::base64(base::as_bytes(der))});
  EXPECT_EQ(json::find_string(jwk, "x5t")->size(), 27U);
  const auto key = VerificationKey::from_numbers(
      SignatureAlgorithm::RS256, {.n = decode(*json::find_string(jwk, "n")), .e = decode(*json::find_string(jwk, "e"))});
  ASSERT_TRUE(key);
  EXPECT_TRUE(key->verify("data", rsa().sign("data")));
}

TEST_F(Jwt, jwk_of_an_elliptic_curve_key_has_two_coordinates_and_nothing_private) {
  const auto jwk = public_jwk(ec(), "kid-2", "");
  EXPECT_EQ(json::find_string(jwk, "crv"), "P-256");
  EXPECT_EQ(json::find_string(jwk, "x")->size(), 43U);
  EXPECT_EQ(json::find_string(jwk, "y")->size(), 43U);
  for (const auto* const name : {"d", "n", "e", "p", "q", "x5c", "x5t"}) EXPECT_EQ(json::find(jwk, name), nullptr) << name;
}

TEST(HalfHash, gives_the_at_hash_of_the_example_in_openid_connect_core) {
  // OpenID Connect Core appendix A.4.
  EXPECT_EQ(half_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"), "77QmUPtjPfzWtF2AnpK9RQ");
}

}  // namespace
}  // namespace segue::jose
