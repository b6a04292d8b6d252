#include <gtest/gtest.h>

#include "base/bytes.h"
#include "oauth/dpop/nonce.h"
#include "oauth/dpop/proof.h"
#include "support/dpop_key.h"

namespace segue::oauth::dpop {
namespace {

using std::chrono::seconds;
const base::Instant kNow = base::from_seconds(1'790'000'000);

class DpopProof : public ::testing::Test {
 protected:
  json::object claims() const {
    return {{"jti", "1"}, {"htm", "POST"}, {"htu", "https://tenant.example/oauth/token"}, {"iat", base::to_seconds(kNow)}};
  }
  template <class T>
  json::object with(std::string_view name, const T& value) const {
    auto out = claims();
    out[name] = value;
    return out;
  }
  static base::Result<Proof> read(const std::string& text, std::string_view access_token = {}) {
    return read_proof(text, {"POST", "tenant.example", "/oauth/token", access_token});
  }
  bool refuses(const json::object& claims, std::string_view what, std::string_view access_token = {}) {
    const auto result = read(key.sign(claims), access_token);
    if (result.ok()) return false;
    EXPECT_EQ(result.error().code, "invalid_dpop_proof");
    EXPECT_EQ(result.error().status, 400);
    EXPECT_NE(result.error().description.find(what), std::string::npos) << result.error().description;
    return true;
  }
  test::DpopKey key;
};

TEST_F(DpopProof, names_its_key_by_the_thumbprint_of_rfc_7638) {
  const auto proof = read(key.sign(with("nonce", "n")));
  ASSERT_TRUE(proof.ok());
  EXPECT_EQ(proof->jkt, key.thumbprint());
  EXPECT_EQ(proof->nonce, "n");
  EXPECT_EQ(proof->algorithm, "ES256");
  EXPECT_EQ(proof->issued_at, kNow);
  EXPECT_TRUE(is_thumbprint(proof->jkt));
  EXPECT_FALSE(is_thumbprint("short"));
}

TEST_F(DpopProof, identifies_itself_by_key_and_jti_only) {
  const auto first = read(key.sign(claims()))->identifier_hash;
  EXPECT_EQ(read(key.sign(with("iat", 5)))->identifier_hash, first);
  EXPECT_NE(read(key.sign(with("jti", "2")))->identifier_hash, first);
  EXPECT_NE(read(test::DpopKey().sign(claims()))->identifier_hash, first);
}

TEST_F(DpopProof, is_for_this_method_and_address_without_query_and_fragment) {
  for (const auto* const good :
       {"https://tenant.example/oauth/token?a=b", "https://tenant.example/oauth/token#x", "HTTPS://Tenant.Example/oauth/token",
        "https://tenant.example:443/oauth/token", "https://tenant.example//oauth///token"}) {
    EXPECT_TRUE(read(key.sign(with("htu", good))).ok()) << good;
  }
  for (const auto* const bad :
       {"http://tenant.example/oauth/token", "https://tenant.example/oauth/Token", "https://tenant.example/oauth/token/",
        "https://tenant.example:8443/oauth/token", "https://other.example/oauth/token", "https://tenant.example", "/oauth/token",
        "", "https://x@tenant.example/oauth/token", "https://tenant.example/oauth/%74oken"}) {
    EXPECT_TRUE(refuses(with("htu", bad), "htu")) << bad;
  }
  EXPECT_TRUE(refuses(with("htm", "GET"), "htm"));
  EXPECT_TRUE(refuses(with("htm", "post"), "htm"));
}

TEST_F(DpopProof, needs_its_claims_with_their_types) {
  for (const auto* const name : {"jti", "htm", "htu", "iat"}) {
    auto without = claims();
    without.erase(name);
    EXPECT_TRUE(refuses(without, "needs the claims")) << name;
  }
  const std::string too_long(257, 'j');
  EXPECT_TRUE(refuses(with("jti", ""), "jti"));
  EXPECT_TRUE(refuses(with("jti", too_long), "jti"));
  EXPECT_TRUE(refuses(with("jti", 7), "needs the claims"));
  EXPECT_TRUE(refuses(with("iat", "now"), "needs the claims"));
  EXPECT_TRUE(refuses(with("iat", -1), "iat"));
  EXPECT_TRUE(refuses(with("iat", 253'402'300'800), "iat"));
  EXPECT_TRUE(refuses(with("nonce", 7), "nonce"));
}

TEST_F(DpopProof, with_an_access_token_is_for_that_token) {
  const auto ath = base::base64url(crypto::sha256("token"));
  EXPECT_TRUE(read(key.sign(with("ath", ath)), "token").ok());
  EXPECT_TRUE(refuses(with("ath", ath), "ath", "other"));
  EXPECT_TRUE(refuses(claims(), "ath", "token"));
}

TEST_F(DpopProof, has_the_right_type_and_a_public_key_in_its_header) {
  const auto jwk = key.jwk();
  const auto refused = [&](const json::object& header) { return !read(key.sign_with(header, claims())).ok(); };
  EXPECT_FALSE(refused({{"typ", "dpop+jwt"}, {"alg", "ES256"}, {"jwk", jwk}}));
  EXPECT_TRUE(refused({{"typ", "JWT"}, {"alg", "ES256"}, {"jwk", jwk}}));
  EXPECT_TRUE(refused({{"alg", "ES256"}, {"jwk", jwk}}));
  EXPECT_TRUE(refused({{"typ", "dpop+jwt"}, {"alg", "ES256"}}));
  EXPECT_TRUE(refused({{"typ", "dpop+jwt"}, {"alg", "ES256"}, {"jwk", "text"}}));
  EXPECT_TRUE(refused({{"typ", "dpop+jwt"}, {"alg", "none"}, {"jwk", jwk}}));
  EXPECT_TRUE(refused({{"typ", "dpop+jwt"}, {"alg", "RS256"}, {"jwk", jwk}}));
  EXPECT_TRUE(refused({{"typ", "dpop+jwt"}, {"alg", "HS256"}, {"jwk", jwk}}));
  EXPECT_TRUE(refused({{"typ", "dpop+jwt"}, {"alg", "ES256"}, {"jwk", test::DpopKey().jwk()}})) << "another key";
  auto with_private = jwk;
  with_private["d"] = "AAAA";
  EXPECT_TRUE(refused({{"typ", "dpop+jwt"}, {"alg", "ES256"}, {"jwk", with_private}}));
  EXPECT_FALSE(read("").ok());
  EXPECT_FALSE(read(std::string(9000, 'a')).ok());
}

TEST_F(DpopProof, without_a_nonce_is_new_by_its_own_clock) {
  Proof proof;
  proof.issued_at = kNow;
  EXPECT_TRUE(check_issued_at(proof, kNow + kProofLifetime - seconds(1)).ok());
  EXPECT_FALSE(check_issued_at(proof, kNow + kProofLifetime).ok());
  EXPECT_TRUE(check_issued_at(proof, kNow - kProofClockSkew).ok());
  EXPECT_FALSE(check_issued_at(proof, kNow - kProofClockSkew - seconds(1)).ok());
}

TEST(DpopNonce, is_known_to_whoever_has_the_key_for_two_minutes) {
  const crypto::HmacKey key(base::as_bytes(std::string(32, 'k'))), other(base::as_bytes(std::string(32, 'o')));
  const auto nonce = make_nonce(key, kNow);
  EXPECT_EQ(nonce_end(key, nonce, kNow), kNow + kNonceLifetime);
  EXPECT_TRUE(nonce_end(key, nonce, kNow + kNonceLifetime - seconds(1)));
  EXPECT_FALSE(nonce_end(key, nonce, kNow + kNonceLifetime));
  EXPECT_TRUE(nonce_end(key, nonce, kNow - seconds(5))) << "a node whose clock is behind";
  EXPECT_FALSE(nonce_end(key, nonce, kNow - seconds(6)));
  EXPECT_FALSE(nonce_end(other, nonce, kNow));
}

TEST(DpopNonce, is_not_made_by_others) {
  const crypto::HmacKey key(base::as_bytes(std::string(32, 'k')));
  const auto nonce = make_nonce(key, kNow);
  for (const auto& bad : {std::string(), nonce + "A", nonce.substr(1), "0" + nonce, "+" + nonce, " " + nonce,
                          std::string("99999999999999999999.AAAA"), nonce.substr(0, nonce.size() - 1), std::string("-1.A"),
                          "1790000001" + nonce.substr(nonce.find('.'))}) {
    EXPECT_FALSE(nonce_end(key, bad, kNow)) << bad;
  }
}

}  // namespace
}  // namespace segue::oauth::dpop
