// An identifier of somebody else's choice counts once, for its tenant and its kind, until it has expired.
#include "store/one_time_identifiers.h"
#include "contract/session_graph_fixture.h"

namespace segue::store {
namespace {

using namespace one_time_identifiers;

class OneTimeIdentifiers : public SessionGraph {
 protected:
  bool claimed(int identifier, std::string_view kind = kClientAssertion, base::TenantId tenant = kOne) {
    return write([&](const Writer& w) { return claim(w, kind, digest_of(identifier), now() + std::chrono::minutes(5), now()); },
                 tenant);
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, OneTimeIdentifiers, ::testing::ValuesIn(every_place()), place_name);

TEST_P(OneTimeIdentifiers, count_once_for_each_kind_and_each_tenant) {
  EXPECT_TRUE(claimed(1));
  EXPECT_FALSE(claimed(1));
  EXPECT_TRUE(claimed(2));
  EXPECT_TRUE(claimed(1, kRequestObject));
  EXPECT_TRUE(claimed(1, kDpopProof));
  EXPECT_TRUE(claimed(1, kClientAssertion, kTwo));
  EXPECT_FALSE(claimed(1, kClientAssertion, kTwo));
}

TEST_P(OneTimeIdentifiers, count_again_when_they_have_expired_swept_or_not) {
  EXPECT_TRUE(claimed(1));
  clock_.advance(std::chrono::minutes(5) - std::chrono::microseconds(1));
  EXPECT_FALSE(claimed(1)) << "a refusal does not prolong it";
  clock_.advance(std::chrono::microseconds(1));
  EXPECT_TRUE(claimed(1));
  EXPECT_FALSE(claimed(1));
}

TEST_P(OneTimeIdentifiers, are_swept_when_they_have_expired_and_only_those_of_the_tenant) {
  for (int k = 0; k < 3; ++k) claimed(k);
  claimed(0, kClientAssertion, kTwo);
  EXPECT_FALSE(read([&](const Reader& r) { return has_expired(r, now()); }));
  clock_.advance(std::chrono::minutes(5));
  claimed(9);
  EXPECT_TRUE(read([&](const Reader& r) { return has_expired(r, now()); }));
  EXPECT_EQ(write([&](const Writer& w) { return sweep(w, now(), 1000); }), 3);
  EXPECT_FALSE(read([&](const Reader& r) { return has_expired(r, now()); }));
  EXPECT_TRUE(read([&](const Reader& r) { return has_expired(r, now()); }, kTwo)) << "another tenant's are not touched";
  EXPECT_FALSE(claimed(9)) << "what lives is kept";
}

TEST_P(OneTimeIdentifiers, are_claimed_by_one_of_64_threads) {
  EXPECT_EQ(
      winners([&](const Writer& w, int) { return claim(w, kDpopProof, digest_of(7), now() + std::chrono::minutes(5), now()); }),
      1);
  clock_.advance(std::chrono::minutes(5));
  EXPECT_EQ(
      winners([&](const Writer& w, int) { return claim(w, kDpopProof, digest_of(7), now() + std::chrono::minutes(5), now()); }),
      1)
      << "an expired one is taken over by one";
}

}  // namespace
}  // namespace segue::store
