#include "tenancy/signing_keys.h"

#include <gtest/gtest.h>

#include "support/seeded_random.h"
#include "tenancy/snapshot.h"

namespace segue::tenancy {
namespace {

using crypto::SignatureAlgorithm;
using std::chrono::seconds;

const base::Instant kNow = base::from_seconds(1'800'000'000);

class SigningKeys : public ::testing::Test {
 protected:
  void add(const std::string& kid, KeyState state, base::Instant current_since, std::optional<base::Instant> published_at) {
    auto key = crypto::SigningKey::generate(SignatureAlgorithm::ES256);
    auto verification_key = key.verification_key();
    keys.signing.push_back({kid, state, "", current_since, published_at, std::move(key), std::move(verification_key)});
  }
  std::string signer(base::Instant now) const { return keys.current(SignatureAlgorithm::ES256, now).kid; }

  static TenantKeys no_keys() {
    static const std::string raw(32, 'k');
    return {.handle = crypto::BlockCipher(base::as_bytes(raw)),
            .derivation = crypto::HmacKey(base::as_bytes(raw)),
            .opaque_token = crypto::AeadKey(base::as_bytes(raw)),
            .signing = {}};
  }
  TenantKeys keys = no_keys();
};

TEST_F(SigningKeys, the_current_key_signs_when_it_was_there_from_the_start) {
  add("next", KeyState::next, kNow, std::nullopt);
  add("current", KeyState::current, kNow, std::nullopt);
  EXPECT_EQ(signer(kNow), "current");
}

TEST_F(SigningKeys, a_current_key_that_some_key_set_may_not_list_yet_waits) {
  add("oldest", KeyState::previous, kNow - seconds(200), std::nullopt);
  add("older", KeyState::previous, kNow - seconds(100), kNow - seconds(100));
  add("current", KeyState::current, kNow, kNow);
  EXPECT_EQ(signer(kNow), "older");
  EXPECT_EQ(signer(kNow + kSigningDelay - seconds(1)), "older");
  EXPECT_EQ(signer(kNow + kSigningDelay), "current");
}

TEST_F(SigningKeys, without_another_usable_key_the_current_one_signs_at_once) {
  add("current", KeyState::current, kNow, kNow);
  add("next", KeyState::next, kNow - seconds(100), std::nullopt);
  EXPECT_EQ(signer(kNow), "current");
  EXPECT_THROW(keys.current(SignatureAlgorithm::RS256, kNow), base::Bug);
}

TEST_F(SigningKeys, a_sealed_key_opens_for_its_own_tenant_and_key_id_only) {
  test::SeededRandom random;
  const auto key_file = KeyFile::generate(random);
  auto row = make_signing_key(key_file, random, base::TenantId{1}, "login.example:8443", SignatureAlgorithm::ES256,
                              KeyState::next, kNow);
  const auto opened = open_signing_key(key_file, base::TenantId{1}, row);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->state, KeyState::next);
  EXPECT_THROW(open_signing_key(key_file, base::TenantId{2}, row), std::runtime_error);
  row.kid = "other";
  EXPECT_THROW(open_signing_key(key_file, base::TenantId{1}, row), std::runtime_error);
  row.alg = "EdDSA";
  EXPECT_FALSE(open_signing_key(key_file, base::TenantId{1}, row));
}

}  // namespace
}  // namespace segue::tenancy
