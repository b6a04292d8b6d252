// What holds when many ask at once (design §4 "Exactly once").
#include "contract/session_graph_fixture.h"
#include "sessions/live_session.h"

namespace segue::store {
namespace {

class SessionGraphRace : public SessionGraph {};
INSTANTIATE_TEST_SUITE_P(Engines, SessionGraphRace, ::testing::ValuesIn(every_place()), place_name);

// Single use: half of the 64 threads stand in a second process on PostgreSQL.

TEST_P(SessionGraphRace, one_of_64_threads_spends_a_session_transfer_token) {
  const auto token = sample_transfer_token();
  run([&](const Writer& w) { session_transfer_tokens::insert(w, token, digest_of(1)); });
  const auto id = token.session_transfer_token_id;
  EXPECT_EQ(winners([&](const Writer& w, int) { return session_transfer_tokens::consume(w, id, digest_of(1), "web", now()); }),
            1);
}

TEST_P(SessionGraphRace, one_of_64_threads_exchanges_an_authorization_code_and_the_code_names_its_grant) {
  const auto code = sample_code();
  const auto id = code.authorization_code_id;
  run([&](const Writer& w) { authorization_codes::insert(w, code, digest_of(1)); });
  std::vector<model::Grant> made;
  for (int k = 0; k < kThreads; ++k) made.push_back(sample_grant());
  std::atomic<int> winner = -1;
  const int count = winners([&](const Writer& w, int k) {
    const auto& grant = made[static_cast<std::size_t>(k)];
    if (!authorization_codes::consume(w, id, digest_of(1), grant.grant_id, now())) {
      // A loser reads what the winner made: it has to revoke it.
      EXPECT_NE(authorization_codes::find(w, id)->grant_id, base::RowId{});
      return false;
    }
    grants::insert(w, grant);
    winner = k;
    return true;
  });
  EXPECT_EQ(count, 1);
  EXPECT_EQ(read([&](const Reader& r) { return authorization_codes::find(r, id); })->grant_id,
            made[static_cast<std::size_t>(winner)].grant_id);
}

TEST_P(SessionGraphRace, one_of_64_threads_rotates_a_refresh_token_and_the_others_see_its_successor) {
  const auto app = make_native_app();
  std::vector<model::RefreshToken> successors;
  for (int k = 0; k < kThreads; ++k) successors.push_back(sample_refresh_token(app.family.family_id));
  const int count = winners([&](const Writer& w, int k) {
    const auto& successor = successors[static_cast<std::size_t>(k)];
    EXPECT_TRUE(refresh_tokens::lock_family(w, app.family.family_id));
    const auto token = refresh_tokens::find(w, app.token.refresh_token_id)->token;
    if (token.state != model::OneTimeState::issued) {
      EXPECT_TRUE(token.successor_id && refresh_tokens::is_unused(w, *token.successor_id));
      return false;
    }
    EXPECT_TRUE(refresh_tokens::consume(w, app.token.refresh_token_id, digest_of(1), successor.refresh_token_id, now()));
    refresh_tokens::insert(w, successor, digest_of(2));
    return true;
  });
  EXPECT_EQ(count, 1);
}

TEST_P(SessionGraphRace, one_of_64_threads_consumes_a_refresh_token_without_the_lock_of_its_family) {
  const auto token = sample_refresh_token(ids_.next());
  run([&](const Writer& w) { refresh_tokens::insert(w, token, digest_of(1)); });
  EXPECT_EQ(
      winners([&](const Writer& w, int) { return refresh_tokens::consume(w, token.refresh_token_id, digest_of(1), {}, now()); }),
      1);
}

TEST_P(SessionGraphRace, one_of_64_threads_finishes_an_authorize_transaction) {
  const auto transaction = sample_transaction();
  run([&](const Writer& w) { authorize_transactions::insert(w, transaction, digest_of(1), {}); });
  EXPECT_EQ(winners([&](const Writer& w, int) { return authorize_transactions::finish(w, transaction.transaction_id, now()); }),
            1);
}

TEST_P(SessionGraphRace, one_of_64_threads_marks_each_revocation) {
  const auto app = make_native_app();
  const auto session = sample_session();
  run([&](const Writer& w) { sessions::insert(w, session, digest_of(1)); });
  EXPECT_EQ(winners([&](const Writer& w, int) { return grants::revoke(w, app.grant.grant_id, true, now()); }), 1);
  EXPECT_EQ(winners([&](const Writer& w, int) { return refresh_tokens::revoke_family(w, app.family.family_id, true, now()); }),
            1);
  EXPECT_EQ(winners([&](const Writer& w, int) { return sessions::revoke(w, session.session_id, now()); }), 1);
}

TEST_P(SessionGraphRace, as_many_of_64_failures_as_the_limit_allows_stand_within_it) {
  EXPECT_EQ(
      winners([&](const Writer& w, int) {
        return login_attempts::count_failure(w, "account", 10, std::chrono::hours(1), std::chrono::hours(1), now()).failures <=
               10;
      }),
      10);
}

TEST_P(SessionGraphRace, as_many_of_64_take_a_place_as_there_are) {
  EXPECT_EQ(winners([&](const Writer& w, int) {
              return login_attempts::take_place(w, "bucket", 10, std::chrono::minutes(10), now()).has_value();
            }),
            10);
}

// The whole lock order of a redemption, by everyone at once. A lock that is taken shared and then raised would make PostgreSQL
// end one transaction after another as deadlocked, a second each.
TEST_P(SessionGraphRace, sixty_four_redemptions_of_one_token_never_wait_for_each_other_in_a_circle) {
  const auto app = make_native_app();
  const auto token = sample_transfer_token();
  run([&](const Writer& w) { session_transfer_tokens::insert(w, token, digest_of(1)); });
  std::atomic<int> runs = 0;
  const int count = winners([&](const Writer& w, int) {
    ++runs;
    EXPECT_TRUE(users::lock_standing(w, app.grant.user_id));
    EXPECT_TRUE(grants::lock_standing(w, app.grant.grant_id));
    EXPECT_TRUE(refresh_tokens::lock_standing(w, app.family.family_id, now()));
    if (!session_transfer_tokens::consume(w, token.session_transfer_token_id, digest_of(1), "web", now())) return false;
    users::record_login(w, app.grant.user_id, "192.0.2.1", now());
    return true;
  });
  EXPECT_EQ(count, 1);
  EXPECT_EQ(runs, kThreads);
}

TEST_P(SessionGraphRace, sixty_four_logins_of_one_user_never_wait_for_each_other_in_a_circle) {
  const auto app = make_native_app();
  std::atomic<int> runs = 0;
  const int count = winners([&](const Writer& w, int) {
    ++runs;
    EXPECT_TRUE(users::lock_standing(w, app.grant.user_id));
    users::record_login(w, app.grant.user_id, "192.0.2.1", now());
    return true;
  });
  EXPECT_EQ(count, kThreads);
  EXPECT_EQ(runs, kThreads);
  EXPECT_EQ(read([&](const Reader& r) { return users::find(r, app.grant.user_id); })->logins_count, kThreads);
}

TEST_P(SessionGraphRace, uses_of_a_session_and_the_deletion_of_its_user_never_wait_for_each_other_in_a_circle) {
  const auto app = make_native_app();
  auto session = sample_session({""});
  session.user_id = app.grant.user_id;
  session.password_epoch = sample_user().created_at;
  session.ancestry = {app.family.family_id, app.grant.grant_id, "transfer"};
  run([&](const Writer& w) { sessions::insert(w, session, digest_of(1)); });
  std::atomic<int> runs = 0;
  const int deletions = winners([&](const Writer& w, int k) {
    ++runs;
    if (k % 16 == 5) return users::delete_one(w, app.grant.user_id, now());
    segue::sessions::is_live(w, session.session_id, now());
    return false;
  });
  EXPECT_EQ(deletions, 1);
  EXPECT_EQ(runs, kThreads);
}

}  // namespace
}  // namespace segue::store
