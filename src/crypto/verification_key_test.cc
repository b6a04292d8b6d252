// Keys that others hold: what they may sign with, and which files and numbers are taken for a key.
#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/signing_key.h"
#include "support/foreign_key.h"

namespace segue::crypto {
namespace {

using test::ForeignKey;

class ForeignKeys : public testing::Test {
 protected:
  static const ForeignKey& rsa() {
    static const auto key = ForeignKey::rsa();
    return key;
  }
  static const ForeignKey& elliptic() {
    static const auto key = ForeignKey::elliptic();
    return key;
  }
  static VerificationKey key_for(SignatureAlgorithm algorithm) {
    return VerificationKey::from_public_pem(algorithm, rsa().public_pem()).value();
  }
};

TEST_F(ForeignKeys, verify_their_own_algorithm_and_no_other) {
  for (const auto* const alg : {"RS256", "RS384", "RS512", "PS256"}) {
    const auto signature = rsa().sign(alg, "data");
    for (const auto* const verifying : {"RS256", "RS384", "PS256"}) {
      const auto key = key_for(signature_algorithm_from(verifying).value());
      EXPECT_EQ(key.verify("data", signature), std::string_view(alg) == verifying) << alg << " as " << verifying;
      EXPECT_FALSE(key.verify("other", signature));
    }
  }
}

// RFC 7518 §3.5: the salt is as long as the hash.
TEST_F(ForeignKeys, of_ps256_salt_with_exactly_32_bytes) {
  const auto key = key_for(SignatureAlgorithm::PS256);
  EXPECT_TRUE(key.verify("data", rsa().sign("PS256", "data", 32)));
  for (const int salt : {0, 20, 31, 33, 64, 222}) EXPECT_FALSE(key.verify("data", rsa().sign("PS256", "data", salt))) << salt;
  EXPECT_TRUE(key.verify("data", rsa().sign("PS256", "data"))) << "and recovers";
}

TEST_F(ForeignKeys, are_read_from_a_public_key_or_a_certificate) {
  const auto until = base::from_seconds(1'900'000'000);
  for (const auto& pem : {rsa().public_pem(), rsa().pkcs1_pem(), rsa().certificate(base::from_seconds(0), until),
                          "some words before\n" + rsa().public_pem() + "and after\n"}) {
    const auto key = VerificationKey::from_public_pem(SignatureAlgorithm::RS256, pem);
    ASSERT_TRUE(key) << pem;
    EXPECT_TRUE(key->verify("data", rsa().sign("RS256", "data")));
    EXPECT_FALSE(VerificationKey::from_public_pem(SignatureAlgorithm::ES256, pem));
  }
  const auto ec = VerificationKey::from_public_pem(SignatureAlgorithm::ES256, elliptic().public_pem());
  ASSERT_TRUE(ec);
  EXPECT_TRUE(ec->verify("data", elliptic().sign("ES256", "data")));
  EXPECT_FALSE(VerificationKey::from_public_pem(SignatureAlgorithm::PS256, elliptic().public_pem()));
}

TEST_F(ForeignKeys, are_not_read_from_anything_else) {
  const auto refused = [](SignatureAlgorithm algorithm, const std::string& pem) {
    return !VerificationKey::from_public_pem(algorithm, pem);
  };
  const auto pem = rsa().public_pem();
  for (const auto& text : {std::string(), std::string("nonsense"), pem.substr(0, pem.size() / 2), rsa().private_pem(),
                           rsa().private_pem() + pem, pem + rsa().private_pem(), std::string(100'000, '-'),
                           std::string("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")}) {
    EXPECT_TRUE(refused(SignatureAlgorithm::RS256, text)) << text;
  }
  EXPECT_TRUE(refused(SignatureAlgorithm::RS256, ForeignKey::rsa(1024).public_pem())) << "1,024 bits";
  EXPECT_TRUE(refused(SignatureAlgorithm::PS256, ForeignKey::rsa_pss().public_pem())) << "a key type with rules of its own";
  EXPECT_TRUE(refused(SignatureAlgorithm::ES256, ForeignKey::elliptic("secp384r1").public_pem()));
  EXPECT_TRUE(refused(SignatureAlgorithm::ES256, ForeignKey::elliptic("secp256k1").public_pem()));
}

TEST_F(ForeignKeys, show_the_numbers_they_were_made_of) {
  const auto numbers = key_for(SignatureAlgorithm::PS256).public_numbers();
  EXPECT_EQ(base::base64url(numbers.n), json::find_string(rsa().jwk(), "n"));
  EXPECT_EQ(base::base64url(numbers.e), "AQAB");
}

TEST(SigningKey, is_never_of_an_algorithm_that_is_for_verification_only) {
  const Secret pem(ForeignKey::rsa().private_pem());
  for (const auto algorithm : {SignatureAlgorithm::RS384, SignatureAlgorithm::PS256}) {
    EXPECT_THROW(SigningKey::generate(algorithm), base::Bug);
    EXPECT_THROW(SigningKey::from_pem(algorithm, pem), base::Bug);
    EXPECT_FALSE(signing_algorithm_from(to_text(algorithm)));
    EXPECT_EQ(signature_algorithm_from(to_text(algorithm)), algorithm);
  }
  EXPECT_EQ(signing_algorithm_from("RS256"), SignatureAlgorithm::RS256);
  EXPECT_EQ(signing_algorithm_from("ES256"), SignatureAlgorithm::ES256);
  EXPECT_FALSE(signing_algorithm_from("none"));
}

}  // namespace
}  // namespace segue::crypto
