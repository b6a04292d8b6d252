#include "jose/jwk.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/bytes.h"
#include "jose/jwt.h"
#include "support/foreign_key.h"

namespace segue::jose {
namespace {

using crypto::SignatureAlgorithm;
using test::ForeignKey;

const ForeignKey& rsa() {
  static const auto key = ForeignKey::rsa();
  return key;
}
const ForeignKey& elliptic() {
  static const auto key = ForeignKey::elliptic();
  return key;
}

bool is_refused(const json::object& jwk, SignatureAlgorithm algorithm) {
  const auto key = parse_public_jwk(jwk, algorithm);
  if (key.ok()) return false;
  EXPECT_EQ(key.error().code, "invalid_token");
  return true;
}

TEST(Jwk, gives_the_key_that_verifies_what_its_owner_signed) {
  for (const auto* const alg : {"RS256", "RS384", "PS256"}) {
    const auto key = parse_public_jwk(rsa().jwk(), crypto::signature_algorithm_from(alg).value());
    ASSERT_TRUE(key.ok());
    EXPECT_TRUE(key->verify("data", rsa().sign(alg, "data"))) << alg;
  }
  const auto key = parse_public_jwk(elliptic().jwk(), SignatureAlgorithm::ES256);
  ASSERT_TRUE(key.ok());
  EXPECT_TRUE(key->verify("data", elliptic().sign("ES256", "data")));
}

TEST(Jwk, may_say_what_it_is_for_and_more) {
  auto jwk = elliptic().jwk();
  jwk["use"] = "sig";
  jwk["key_ops"] = {"verify"};
  jwk["alg"] = "ES256";
  jwk["kid"] = "any";
  jwk["ext"] = true;
  EXPECT_FALSE(is_refused(jwk, SignatureAlgorithm::ES256));
}

TEST(Jwk, with_a_private_member_is_refused_whatever_its_value) {
  for (const auto* const member : {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}) {
    for (const json::value& value : {json::value("AQAB"), json::value(nullptr), json::value(json::array{})}) {
      auto jwk = elliptic().jwk();
      jwk[member] = value;
      EXPECT_TRUE(is_refused(jwk, SignatureAlgorithm::ES256)) << member;
      jwk = rsa().jwk();
      jwk[member] = value;
      EXPECT_TRUE(is_refused(jwk, SignatureAlgorithm::RS256)) << member;
    }
  }
}

TEST(Jwk, that_is_for_something_else_is_refused) {
  const std::pair<const char*, json::value> members[] = {{"use", "enc"},
                                                         {"use", 1},
                                                         {"use", nullptr},
                                                         {"key_ops", {"sign"}},
                                                         {"key_ops", "verify"},
                                                         {"key_ops", json::array{}},
                                                         {"alg", "RS256"},
                                                         {"alg", "none"},
                                                         {"alg", 7}};
  for (const auto& [name, value] : members) {
    auto jwk = elliptic().jwk();
    jwk[name] = value;
    EXPECT_TRUE(is_refused(jwk, SignatureAlgorithm::ES256)) << name << value;
  }
}

TEST(Jwk, of_another_kind_or_with_broken_numbers_is_refused) {
  EXPECT_TRUE(is_refused({}, SignatureAlgorithm::RS256));
  EXPECT_TRUE(is_refused(rsa().jwk(), SignatureAlgorithm::ES256));
  EXPECT_TRUE(is_refused(elliptic().jwk(), SignatureAlgorithm::PS256));
  EXPECT_TRUE(is_refused({{"kty", "oct"}, {"k", "AAAA"}}, SignatureAlgorithm::RS256));
  const auto changed = [](json::object jwk, const char* name, json::value value) {
    jwk[name] = std::move(value);
    return jwk;
  };
  const auto n = std::string(json::to_view(rsa().jwk()["n"].get_string()));
  const auto x = std::string(json::to_view(elliptic().jwk()["x"].get_string()));
  for (const json::value& e :
       {json::value(""), json::value("AQ"), json::value("AAEAAQ"), json::value("AQAA"), json::value("AQAB="),
        json::value("AQA B"), json::value(65537), json::value(nullptr), json::value("AQAAAAAAAAAB")}) {
    EXPECT_TRUE(is_refused(changed(rsa().jwk(), "e", e), SignatureAlgorithm::RS256)) << e;
  }
  const auto padded = base::base64url(std::string(1, '\0') + base::from_base64url(n).value());
  for (const auto& bad :
       {padded, n.substr(0, 200), n + "=", std::string(), std::string(200'000, 'A'), std::string(200'000, '_')}) {
    EXPECT_TRUE(is_refused(changed(rsa().jwk(), "n", json::value(bad)), SignatureAlgorithm::RS256)) << bad.size();
  }
  for (const auto& bad : {std::string(), x.substr(1), x + "AA", std::string(43, 'A'), std::string("!") + x.substr(1)}) {
    EXPECT_TRUE(is_refused(changed(elliptic().jwk(), "x", json::value(bad)), SignatureAlgorithm::ES256)) << bad;
  }
  for (const auto* const curve : {"P-384", "secp256k1", "p-256", ""}) {
    EXPECT_TRUE(is_refused(changed(elliptic().jwk(), "crv", json::value(curve)), SignatureAlgorithm::ES256)) << curve;
  }
  EXPECT_TRUE(is_refused(ForeignKey::rsa(1024).jwk(), SignatureAlgorithm::RS256));
}

TEST(Jwk, has_the_thumbprint_of_rfc_7638) {
  // RFC 7638 §3.1.
  const auto key = parse_public_jwk(
      {{"kty", "RSA"},
       {"n",
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMst"
        "n64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n9"
        "1CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"},
       {"e", "AQAB"},
       {"alg", "RS256"},
       {"kid", "2011-04-29"}},
      SignatureAlgorithm::RS256);
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(jwk_thumbprint(*key), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

TEST(Jwk, thumbprint_of_a_point_is_over_its_four_members) {
  const auto jwk = elliptic().jwk();
  const auto text =
      R"({"crv":"P-256","kty":"EC","x":")" + *json::find_string(jwk, "x") + R"(","y":")" + *json::find_string(jwk, "y") + "\"}";
  EXPECT_EQ(jwk_thumbprint(*parse_public_jwk(jwk, SignatureAlgorithm::ES256)), base::base64url(crypto::sha256(text)));
}

// What the verification of others' tokens is built of: an explicit list of algorithms, and a header key for those who ask for it.
class ForeignJwt : public testing::Test {
 protected:
  const crypto::VerificationKey rs384 = parse_public_jwk(rsa().jwk(), SignatureAlgorithm::RS384).value();
  const KeyFinder finder = [this](const Header&) { return &rs384; };
};

TEST_F(ForeignJwt, is_accepted_by_an_algorithm_of_the_list_only) {
  const auto token = rsa().jwt("RS384", {}, {{"sub", "me"}});
  EXPECT_TRUE(verify_jwt(token, finder, {.algorithms = {SignatureAlgorithm::RS384}}).ok());
  EXPECT_FALSE(verify_jwt(token, finder).ok());
  EXPECT_FALSE(verify_jwt(token, finder, {.algorithms = {SignatureAlgorithm::RS256, SignatureAlgorithm::PS256}}).ok());
  EXPECT_FALSE(verify_jwt(token, finder, {.algorithms = {}}).ok());
}

TEST_F(ForeignJwt, is_refused_when_the_key_is_for_another_listed_algorithm) {
  const Acceptance both{.algorithms = {SignatureAlgorithm::RS256, SignatureAlgorithm::RS384}};
  EXPECT_FALSE(verify_jwt(rsa().jwt("RS256", {}, {}), finder, both).ok());
  EXPECT_TRUE(verify_jwt(rsa().jwt("RS384", {}, {}), finder, both).ok());
}

TEST_F(ForeignJwt, shows_its_header_key_only_to_a_caller_that_asks) {
  const auto token = elliptic().jwt("ES256", {{"typ", "dpop+jwt"}, {"jwk", elliptic().jwk()}}, {{"jti", "1"}});
  std::optional<crypto::VerificationKey> shown;
  const auto find = [&](const Header& header) -> const crypto::VerificationKey* {
    const auto* const jwk = json::find_object(header.members, "jwk");
    if (jwk == nullptr) return nullptr;
    auto key = parse_public_jwk(*jwk, SignatureAlgorithm::ES256);
    if (!key.ok()) return nullptr;
    return &shown.emplace(std::move(*key));
  };
  const Acceptance embedded{.algorithms = {SignatureAlgorithm::ES256}, .jwk = EmbeddedKey::for_the_key_finder};
  EXPECT_TRUE(verify_jwt(token, find, embedded).ok());
  EXPECT_FALSE(verify_jwt(token, find, {.algorithms = {SignatureAlgorithm::ES256}}).ok());
  for (const auto* const member : {"crit", "jku", "x5u"}) {
    const auto with = elliptic().jwt("ES256", {{"jwk", elliptic().jwk()}, {member, "x"}}, {});
    EXPECT_FALSE(verify_jwt(with, find, embedded).ok()) << member;
  }
  const auto twice = elliptic().jws("ES256", R"({"alg":"ES256","jwk":{},"jwk":)" + json::write(elliptic().jwk()) + "}", "{}");
  EXPECT_FALSE(verify_jwt(twice, find, embedded).ok());
}

TEST_F(ForeignJwt, is_refused_when_the_public_pem_was_its_hmac_secret) {
  const auto pem = rsa().public_pem();
  EXPECT_FALSE(verify_jwt(sign_jwt_hs256(pem, "JWT", {}), finder,
                          {.algorithms = {SignatureAlgorithm::RS256, SignatureAlgorithm::RS384, SignatureAlgorithm::PS256}})
                   .ok());
}

TEST_F(ForeignJwt, says_what_it_claims_before_it_is_verified_but_only_when_it_has_the_form) {
  EXPECT_EQ(json::find_string(*unverified_claims(rsa().jwt("RS384", {}, {{"sub", "me"}})), "sub"), "me");
  for (const auto* const token : {"", ".", "..", "a.b.c", "e30.W10.e30", "e30.e30", "e30.e30.e30.e30"}) {
    EXPECT_FALSE(unverified_claims(token)) << token;
  }
  EXPECT_FALSE(unverified_claims("e30." + base::base64url(R"({"sub":"a","sub":"b"})") + ".e30"));
  EXPECT_FALSE(unverified_claims(std::string(20'000, 'A') + ".e30.e30"));
}

}  // namespace
}  // namespace segue::jose
