// What the store promises about signing keys, on both engines.
#include "store/signing_keys.h"

#include <map>
#include <thread>

#include "contract/session_graph_fixture.h"

namespace segue::store {
namespace {

class SigningKeysContract : public SessionGraph {
 protected:
  signing_keys::Row row(const std::string& kid, const std::string& state) {
    return {.kid = kid,
            .alg = "RS256",
            .state = state,
            .wrapped_private_key = std::string("\0\xff", 2),
            .certificate = "certificate of " + kid,
            .created_at = now(),
            .published_at = std::nullopt,
            .current_since = std::nullopt,
            .current_until = std::nullopt,
            .revoked_at = std::nullopt};
  }
  void insert(const std::string& kid, const std::string& state, base::TenantId tenant = kOne) {
    write([&](const Writer& w) { return signing_keys::insert(w, row(kid, state)), 0; }, tenant);
  }
  std::int64_t version() {
    return read([](const Reader& r) { return tenants::config_version(r); });
  }
  std::string state_of(const std::string& kid) {
    const auto found = read([&](const Reader& r) { return signing_keys::find(r, kid); });
    return found ? (found->revoked_at ? "revoked" : found->state) : "none";
  }
};

TEST_P(SigningKeysContract, a_key_comes_back_as_it_was_stored) {
  auto stored = row("a", "next");
  stored.published_at = now();
  const auto before = version();
  write([&](const Writer& w) { return signing_keys::insert(w, stored), 0; });
  EXPECT_GT(version(), before);
  const auto found = read([](const Reader& r) { return signing_keys::find(r, "a"); });
  ASSERT_TRUE(found);
  EXPECT_EQ(found->kid + found->alg + found->state + found->certificate, "aRS256nextcertificate of a");
  EXPECT_EQ(found->wrapped_private_key, stored.wrapped_private_key);
  EXPECT_EQ(found->created_at, stored.created_at);
  EXPECT_EQ(found->published_at, stored.published_at);
  EXPECT_FALSE(found->current_since || found->current_until || found->revoked_at);
}

TEST_P(SigningKeysContract, a_promotion_moves_both_keys_of_one_algorithm) {
  insert("current", "current");
  insert("next", "next");
  clock_.advance(std::chrono::seconds(5));
  const auto rotated_at = now();
  EXPECT_TRUE(write([&](const Writer& w) { return signing_keys::promote(w, "RS256", rotated_at); }));
  EXPECT_EQ(state_of("current"), "previous");
  EXPECT_EQ(state_of("next"), "current");
  EXPECT_EQ(read([](const Reader& r) { return signing_keys::find(r, "current"); })->current_until, rotated_at);
  EXPECT_EQ(read([](const Reader& r) { return signing_keys::find(r, "next"); })->current_since, rotated_at);
  // There is no next key any more: then none is current.
  EXPECT_FALSE(write([&](const Writer& w) { return signing_keys::promote(w, "RS256", rotated_at); }));
  EXPECT_FALSE(write([&](const Writer& w) { return signing_keys::promote(w, "ES256", rotated_at); }));
}

TEST_P(SigningKeysContract, only_a_previous_key_is_revoked_and_then_it_is_not_usable) {
  insert("current", "current");
  insert("next", "next");
  insert("previous", "previous");
  const auto revoke = [&](const char* kid) {
    return write([&](const Writer& w) { return signing_keys::revoke(w, kid, now()); });
  };
  EXPECT_FALSE(revoke("current"));
  EXPECT_FALSE(revoke("next"));
  EXPECT_FALSE(revoke("elsewhere"));
  const auto before = version();
  EXPECT_TRUE(revoke("previous"));
  EXPECT_GT(version(), before);
  EXPECT_FALSE(revoke("previous"));
  EXPECT_EQ(state_of("previous"), "revoked");
  EXPECT_EQ(read([](const Reader& r) { return signing_keys::list_usable(r).size(); }), 2u);
  EXPECT_EQ(read([](const Reader& r) { return signing_keys::list_all(r).size(); }), 3u);
}

TEST_P(SigningKeysContract, another_tenant_sees_and_changes_nothing) {
  insert("current", "current");
  insert("next", "next");
  insert("previous", "previous");
  read(
      [](const Reader& r) {
        EXPECT_TRUE(signing_keys::list_all(r).empty());
        EXPECT_TRUE(signing_keys::list_usable(r).empty());
        EXPECT_FALSE(signing_keys::find(r, "current"));
        return 0;
      },
      kTwo);
  write(
      [&](const Writer& w) {
        EXPECT_FALSE(signing_keys::promote(w, "RS256", now()));
        EXPECT_FALSE(signing_keys::revoke(w, "previous", now()));
        return 0;
      },
      kTwo);
  EXPECT_EQ(state_of("current") + state_of("next") + state_of("previous"), "currentnextprevious");
}

TEST_P(SigningKeysContract, rotations_at_once_leave_one_current_and_one_next_key) {
  insert("current", "current");
  insert("next", "next");
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&, i] {
      const auto fresh = row("fresh" + std::to_string(i), "next");
      (i % 2 == 0 ? store() : other_process()).write(kOne, [&](const Writer& w) {
        tenants::bump_config_version(w);
        EXPECT_TRUE(signing_keys::promote(w, "RS256", fresh.created_at));
        signing_keys::insert(w, fresh);
        return 0;
      });
    });
  }
  for (auto& thread : threads) thread.join();
  std::map<std::string, int> states;
  read([&](const Reader& r) {
    states.clear();
    for (const auto& key : signing_keys::list_all(r)) ++states[key.state];
    return 0;
  });
  EXPECT_EQ(states["current"], 1);
  EXPECT_EQ(states["next"], 1);
  EXPECT_EQ(states["previous"], 16);
}

INSTANTIATE_TEST_SUITE_P(Engines, SigningKeysContract, ::testing::ValuesIn(every_place()), place_name);

}  // namespace
}  // namespace segue::store
