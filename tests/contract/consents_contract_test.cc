// What the consents of users promise, and the steps of a suspended request, on both engines.
#include "contract/session_graph_fixture.h"
#include "store/clients.h"
#include "store/user_consents.h"

namespace segue::store {
namespace {

namespace consents = user_consents;
using ::testing::ElementsAre;

class Consents : public SessionGraph {
 protected:
  model::UserConsent consent(const std::string& id, const std::string& user_id = "auth0|ada",
                             const std::string& scope = "openid") {
    return {.consent_id = id,
            .user_id = user_id,
            .client_id = "partner",
            .audience = "https://api",
            .scope = scope,
            .created_at = now(),
            .updated_at = now()};
  }
  void record(const model::UserConsent& c) {
    run([&](const Writer& w) { consents::record(w, c); });
  }
  std::vector<std::string> listed(const consents::Filter& filter = {}, base::TenantId tenant = kOne) {
    std::vector<std::string> out;
    for (const auto& c : read([&](const Reader& r) { return consents::list_page(r, filter, {0, 9}); }, tenant))
      out.push_back(c.consent_id);
    return out;
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, Consents, ::testing::ValuesIn(every_place()), place_name);

TEST_P(Consents, come_back_by_id_and_by_what_they_are_for) {
  record(consent("c1"));
  for (const auto& found : {read([](const Reader& r) { return consents::find(r, "c1"); }),
                            read([](const Reader& r) { return consents::find_for(r, "auth0|ada", "partner", "https://api"); })}) {
    ASSERT_TRUE(found);
    EXPECT_EQ(found->consent_id, "c1");
    EXPECT_EQ(found->user_id, "auth0|ada");
    EXPECT_EQ(found->client_id, "partner");
    EXPECT_EQ(found->audience, "https://api");
    EXPECT_EQ(found->scope, "openid");
    EXPECT_EQ(found->created_at, now());
    EXPECT_EQ(found->updated_at, now());
  }
  EXPECT_FALSE(read([](const Reader& r) { return consents::find_for(r, "auth0|ada", "partner", "https://other"); }));
}

TEST_P(Consents, gather_scopes_under_the_first_id) {
  record(consent("c1", "auth0|ada", "openid read:books"));
  record(consent("c2", "auth0|ada", "read:books write:books"));
  const auto found = read([](const Reader& r) { return consents::find(r, "c1"); });
  ASSERT_TRUE(found);
  EXPECT_EQ(found->scope, "openid read:books write:books");
  EXPECT_FALSE(read([](const Reader& r) { return consents::find(r, "c2"); }));
}

TEST_P(Consents, of_64_threads_are_one_row_with_every_scope) {
  winners([&](const Writer& w, int k) {
    consents::record(w, consent("c" + std::to_string(k), "auth0|ada", "scope:" + std::to_string(k)));
    return true;
  });
  const auto found = read([](const Reader& r) { return consents::list_page(r, {}, {0, 99}); });
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(std::count(found[0].scope.begin(), found[0].scope.end(), ' '), kThreads - 1) << found[0].scope;
}

TEST_P(Consents, are_filtered_paged_and_counted) {
  record(consent("c1", "auth0|ada"));
  record(consent("c2", "auth0|bob"));
  record(consent("c3", "auth0|eve"));
  EXPECT_THAT(listed(), ElementsAre("c1", "c2", "c3"));
  EXPECT_THAT(listed({.user_id = "auth0|bob"}), ElementsAre("c2"));
  EXPECT_THAT(listed({.client_id = "another"}), ElementsAre());
  EXPECT_EQ(listed({.audience = "https://api"}).size(), 3u);
  EXPECT_EQ(read([](const Reader& r) { return consents::list_page(r, {}, {1, 2}); }).size(), 1u);
  EXPECT_EQ(read([](const Reader& r) { return consents::count(r, {}); }), 3);
}

TEST_P(Consents, end_one_by_one_with_their_user_and_with_their_client) {
  for (const auto* user : {"auth0|ada", "auth0|bob", "auth0|eve"}) record(consent(std::string("of ") + user, user));
  EXPECT_TRUE(write([](const Writer& w) { return consents::delete_one(w, "of auth0|eve"); }));
  EXPECT_FALSE(write([](const Writer& w) { return consents::delete_one(w, "of auth0|eve"); }));
  run([&](const Writer& w) {
    users::insert(w, sample_user("auth0|ada"));
    users::delete_one(w, "auth0|ada", now());
  });
  EXPECT_THAT(listed(), ElementsAre("of auth0|bob"));
  run([](const Writer& w) { consents::delete_of_client(w, "partner"); });
  EXPECT_THAT(listed(), ElementsAre());
}

TEST_P(Consents, are_unknown_to_another_tenant) {
  record(consent("c1"));
  EXPECT_THAT(listed({}, kTwo), ElementsAre());
  EXPECT_EQ(read([](const Reader& r) { return consents::count(r, {}); }, kTwo), 0);
  EXPECT_FALSE(read([](const Reader& r) { return consents::find(r, "c1"); }, kTwo));
  EXPECT_FALSE(read([](const Reader& r) { return consents::find_for(r, "auth0|ada", "partner", "https://api"); }, kTwo));
  EXPECT_FALSE(write([](const Writer& w) { return consents::delete_one(w, "c1"); }, kTwo));
  run(
      [&](const Writer& w) {
        consents::delete_of_user(w, "auth0|ada");
        consents::delete_of_client(w, "partner");
        consents::record(w, consent("c1", "auth0|ada", "theirs"));
      },
      kTwo);
  EXPECT_EQ(read([](const Reader& r) { return consents::find(r, "c1"); })->scope, "openid");
}

TEST_P(Consents, take_the_refresh_tokens_of_one_audience_with_them) {
  auto mine = sample_family(), other_api = sample_family();
  mine.user_id = other_api.user_id = "auth0|ada";
  mine.client_id = other_api.client_id = "partner";
  mine.audience = "https://api";
  run([&](const Writer& w) {
    refresh_tokens::insert_family(w, mine);
    refresh_tokens::insert_family(w, other_api);
  });
  run([&](const Writer& w) { refresh_tokens::revoke_families_of(w, "auth0|ada", "partner", "https://api", true, now()); }, kTwo);
  EXPECT_FALSE(read([&](const Reader& r) { return refresh_tokens::find_family(r, mine.family_id); })->revoked_at);
  run([&](const Writer& w) { refresh_tokens::revoke_families_of(w, "auth0|ada", "partner", "https://api", true, now()); });
  EXPECT_TRUE(read([&](const Reader& r) { return refresh_tokens::find_family(r, mine.family_id); })->revoked_at);
  EXPECT_FALSE(read([&](const Reader& r) { return refresh_tokens::find_family(r, other_api.family_id); })->revoked_at);
}

// --- Steps ---

TEST_P(Consents, a_request_moves_from_step_to_step_and_only_from_where_it_stands) {
  const auto transaction = sample_transaction();
  const auto id = transaction.transaction_id;
  run([&](const Writer& w) { pending::insert(w, transaction, digest_of(1), base::RowId{}); });
  const auto moves = [&](const pending::Move& move, base::TenantId tenant = kOne) {
    return write([&](const Writer& w) { return pending::await(w, id, move, now()); }, tenant);
  };
  EXPECT_FALSE(moves({"consent", "mfa", "{}"}));
  EXPECT_FALSE(moves({"", "consent", "{}"}, kTwo));
  EXPECT_TRUE(moves({"", "consent", R"({"how":"password"})"}));
  EXPECT_FALSE(moves({"", "consent", "{}"}));
  const auto found = read([&](const Reader& r) { return pending::find(r, id); })->transaction;
  EXPECT_EQ(found.step, "consent");
  EXPECT_EQ(found.evidence, R"({"how":"password"})");
  run([&](const Writer& w) { pending::finish(w, id, now()); });
  EXPECT_FALSE(moves({"consent", "mfa", "{}"}));
}

TEST_P(Consents, one_of_64_threads_moves_a_request_to_its_step) {
  const auto transaction = sample_transaction();
  run([&](const Writer& w) { pending::insert(w, transaction, digest_of(1), base::RowId{}); });
  EXPECT_EQ(winners([&](const Writer& w, int k) {
              return pending::await(w, transaction.transaction_id, {"", "consent", std::to_string(k)}, now());
            }),
            1);
}

TEST_P(Consents, a_request_that_waits_elsewhere_is_claimed_by_the_handle_of_that_wait_only) {
  const auto transaction = sample_transaction();
  const auto id = transaction.transaction_id;
  run([&](const Writer& w) { pending::insert(w, transaction, digest_of(1), base::RowId{}); });
  const auto leaves = [&](const pending::Move& move, int handle, base::TenantId tenant = kOne) {
    return write([&](const Writer& w) { return pending::await_elsewhere(w, id, move, digest_of(handle), now()); }, tenant);
  };
  const auto claims = [&](int handle, base::TenantId tenant = kOne) {
    return write([&](const Writer& w) { return pending::claim(w, id, digest_of(handle), "away", "back", now()); }, tenant);
  };
  EXPECT_FALSE(claims(1));
  EXPECT_FALSE(leaves({"", "away", "{}"}, 2, kTwo));
  EXPECT_TRUE(leaves({"", "away", R"({"how":"password"})"}, 2));
  EXPECT_FALSE(leaves({"", "away", "{}"}, 3));
  const auto found = read([&](const Reader& r) { return pending::find(r, id); });
  EXPECT_EQ(found->secret_hash, digest_of(2));
  EXPECT_EQ(found->transaction.evidence, R"({"how":"password"})");
  EXPECT_FALSE(claims(1));
  EXPECT_FALSE(claims(2, kTwo));
  EXPECT_TRUE(claims(2));
  EXPECT_FALSE(claims(2));
  EXPECT_TRUE(leaves({"back", "away", "{}"}, 4));
  EXPECT_FALSE(claims(2));
  clock_.advance(std::chrono::hours(1));
  EXPECT_FALSE(claims(4));
}

TEST_P(Consents, one_of_64_threads_claims_a_request_that_waits_elsewhere) {
  const auto transaction = sample_transaction();
  const auto id = transaction.transaction_id;
  run([&](const Writer& w) {
    pending::insert(w, transaction, digest_of(1), base::RowId{});
    pending::await_elsewhere(w, id, {"", "away", "{}"}, digest_of(2), now());
  });
  EXPECT_EQ(winners([&](const Writer& w, int) { return pending::claim(w, id, digest_of(2), "away", "back", now()); }), 1);
}

TEST_P(Consents, a_request_that_begins_at_a_step_comes_back_there_and_expires) {
  auto transaction = sample_transaction();
  transaction.step = "consent";
  transaction.evidence = "{}";
  run([&](const Writer& w) { pending::insert(w, transaction, digest_of(1), base::RowId{}); });
  const auto found = read([&](const Reader& r) { return pending::find(r, transaction.transaction_id); })->transaction;
  EXPECT_EQ(found.step, "consent");
  EXPECT_EQ(found.evidence, "{}");
  clock_.advance(std::chrono::hours(1));
  EXPECT_FALSE(write([&](const Writer& w) {
    return pending::await(w, transaction.transaction_id, {"consent", "mfa", "{}"}, now());
  }));
}

}  // namespace
}  // namespace segue::store
