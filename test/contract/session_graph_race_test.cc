// What holds when many ask at once, when a commit fails, and when a revocation meets a use (design §4 "Exactly once").
#include "contract/session_graph_fixture.h"
#include "sessions/live_session.h"
#include "store/authorization_codes.h"
#include "store/authorize_transactions.h"
#include "store/grants.h"
#include "store/login_attempts.h"
#include "store/refresh_tokens.h"
#include "store/session_transfer_tokens.h"
#include "store/sessions.h"

namespace segue::store {
namespace {

using namespace std::chrono_literals;

class SessionGraphRace : public SessionGraph {
 protected:
  // A user with a grant, a family and a refresh token of a native app.
  struct NativeApp {
    model::Grant grant;
    model::RefreshTokenFamily family;
    model::RefreshToken token;
  };
  NativeApp make_native_app() {
    EXPECT_EQ(write([&](const Writer& w) { return users::insert(w, sample_user()); }), users::Written::done);
    NativeApp out{sample_grant({""}), sample_family({""}), {}};
    out.grant.user_id = out.family.user_id = sample_user().user_id;
    out.grant.client_id = out.family.client_id = "native";
    out.family.grant_id = out.grant.grant_id;
    out.token = sample_refresh_token(out.family.family_id);
    run([&](const Writer& w) {
      grants::insert(w, out.grant);
      refresh_tokens::insert_family(w, out.family);
      refresh_tokens::insert(w, out.token, digest_of(1));
    });
    return out;
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, SessionGraphRace, ::testing::ValuesIn(every_place()), place_name);

// Single use: half of the 64 threads stand in a second process on PostgreSQL.

TEST_P(SessionGraphRace, one_of_64_threads_spends_a_session_transfer_token) {
  const auto token = sample_transfer_token();
  run([&](const Writer& w) { session_transfer_tokens::insert(w, token, digest_of(1)); });
  const auto id = token.session_transfer_token_id;
  EXPECT_EQ(winners([&](const Writer& w, int) { return session_transfer_tokens::consume(w, id, digest_of(1), "web", now()); }), 1);
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
  EXPECT_EQ(read([&](const Reader& r) { return authorization_codes::find(r, id); })->grant_id, made[static_cast<std::size_t>(winner)].grant_id);
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
  EXPECT_EQ(winners([&](const Writer& w, int) { return refresh_tokens::consume(w, token.refresh_token_id, digest_of(1), {}, now()); }), 1);
}

TEST_P(SessionGraphRace, one_of_64_threads_finishes_an_authorize_transaction) {
  const auto transaction = sample_transaction();
  run([&](const Writer& w) { authorize_transactions::insert(w, transaction, digest_of(1), {}); });
  EXPECT_EQ(winners([&](const Writer& w, int) { return authorize_transactions::finish(w, transaction.transaction_id, now()); }), 1);
}

TEST_P(SessionGraphRace, one_of_64_threads_marks_each_revocation) {
  const auto app = make_native_app();
  const auto session = sample_session();
  run([&](const Writer& w) { sessions::insert(w, session, digest_of(1)); });
  EXPECT_EQ(winners([&](const Writer& w, int) { return grants::revoke(w, app.grant.grant_id, true, now()); }), 1);
  EXPECT_EQ(winners([&](const Writer& w, int) { return refresh_tokens::revoke_family(w, app.family.family_id, true, now()); }), 1);
  EXPECT_EQ(winners([&](const Writer& w, int) { return sessions::revoke(w, session.session_id, now()); }), 1);
}

TEST_P(SessionGraphRace, as_many_of_64_failures_as_the_limit_allows_stand_within_it) {
  EXPECT_EQ(winners([&](const Writer& w, int) { return login_attempts::count_failure(w, "account", 10, 1h, 1h, now()).failures <= 10; }), 10);
}

// The whole lock order of a redemption, by everyone at once. A lock that is taken shared and then raised would make PostgreSQL end
// one transaction after another as deadlocked, a second each.
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

// Failed commits: the closure runs twice and leaves what one run leaves.

constexpr sql::Statement kState{"test.state", R"sql(
    select 'grant ' || cast(grant_id as text) || ' ' || user_id || ' ' || coalesce(cast(revoked_at as text), '-') from grants
     where tenant_id = $1
    union all select 'family ' || cast(family_id as text) || ' ' || cast(token_counter as text) || ' ' || last_ip || ' ' ||
           cast(last_exchanged_at as text) || ' ' || coalesce(cast(revoked_at as text), '-') from refresh_token_families
     where tenant_id = $1
    union all select 'refresh token ' || cast(refresh_token_id as text) || ' ' || state || ' ' ||
           coalesce(cast(consumed_at as text), '-') || ' ' || coalesce(cast(successor_id as text), '-') from refresh_tokens
     where tenant_id = $1
    union all select 'transfer ' || cast(session_transfer_token_id as text) || ' ' || state || ' ' ||
           coalesce(cast(consumed_at as text), '-') || ' ' || coalesce(consumed_by_client_id, '-') from session_transfer_tokens
     where tenant_id = $1
    union all select 'session ' || cast(session_id as text) || ' ' || last_ip || ' ' || cast(idle_expires_at as text) || ' ' ||
           coalesce(cast(revoked_at as text), '-') from sessions where tenant_id = $1
    union all select 'client of ' || cast(session_id as text) || ' ' || client_id from session_clients where tenant_id = $1
    union all select 'transaction ' || cast(transaction_id as text) || ' ' || coalesce(cast(finished_at as text), '-')
      from authorize_transactions where tenant_id = $1
    union all select 'code ' || cast(authorization_code_id as text) || ' ' || state || ' ' || coalesce(cast(grant_id as text), '-')
      from authorization_codes where tenant_id = $1
    union all select 'user ' || user_id || ' ' || cast(logins_count as text) || ' ' || password_hash from users where tenant_id = $1
    union all select 'counter ' || counter_key || ' ' || cast(failures as text) || ' ' || coalesce(cast(blocked_until as text), '-')
      from login_attempts where tenant_id = $1
    order by 1)sql"};

class SessionGraphFault : public SessionGraphRace {
 protected:
  // The same rows in both tenants, so that one can go without the fault and one with it.
  void SetUp() override {
    SessionGraphRace::SetUp();
    grant = sample_grant({""});
    family = sample_family({""});
    family.grant_id = grant.grant_id;
    grant.user_id = family.user_id = sample_user().user_id;
    token = sample_refresh_token(family.family_id);
    successor = sample_refresh_token(family.family_id);
    new_grant = sample_grant();
    new_family = sample_family();
    transfer = sample_transfer_token();
    new_transfer = sample_transfer_token();
    session = sample_session();
    new_session = sample_session();
    transaction = sample_transaction();
    new_transaction = sample_transaction();
    code = sample_code();
    new_code = sample_code();
    for (const auto tenant : {kOne, kTwo}) {
      run([&](const Writer& w) {
        users::insert(w, sample_user());
        grants::insert(w, grant);
        refresh_tokens::insert_family(w, family);
        refresh_tokens::insert(w, token, digest_of(1));
        session_transfer_tokens::insert(w, transfer, digest_of(1));
        sessions::insert(w, session, digest_of(1));
        authorize_transactions::insert(w, transaction, digest_of(1), {});
        authorization_codes::insert(w, code, digest_of(1));
      }, tenant);
    }
    clock_.advance(1s);
  }
  std::vector<std::string> state_of(base::TenantId tenant) {
    return read([&](const Reader& r) { return r.connection.list(kState, {r.tenant}, [](const sql::Row& row) { return row.string(0); }); }, tenant);
  }
  // `change` returns what it would answer.
  void expect_same_end(const std::function<std::string(const Writer&)>& change) {
    const auto before = state_of(kOne);
    ASSERT_EQ(before, state_of(kTwo));
    const auto answer = write(change);
    int runs = 0;
    fault_.left = 1;
    const auto answer_after_fault = write([&](const Writer& w) { return ++runs, change(w); }, kTwo);
    EXPECT_EQ(runs, 2);
    EXPECT_EQ(answer_after_fault, answer);
    EXPECT_EQ(state_of(kTwo), state_of(kOne));
    EXPECT_NE(state_of(kOne), before) << "the closure changes something";
  }
  static std::string said(bool yes) { return yes ? "yes" : "no"; }

  model::Grant grant, new_grant;
  model::RefreshTokenFamily family, new_family;
  model::RefreshToken token, successor;
  model::SessionTransferToken transfer, new_transfer;
  model::Session session, new_session;
  model::AuthorizeTransaction transaction, new_transaction;
  model::AuthorizationCode code, new_code;
};
INSTANTIATE_TEST_SUITE_P(Engines, SessionGraphFault, ::testing::ValuesIn(every_place()), place_name);

TEST_P(SessionGraphFault, an_exchange_of_a_code_whose_commit_fails_ends_as_if_it_had_not) {
  expect_same_end([&](const Writer& w) {
    const bool first = authorization_codes::consume(w, code.authorization_code_id, digest_of(1), new_grant.grant_id, now());
    if (!first) return said(false);
    auto made = sample_refresh_token(new_family.family_id);
    made.refresh_token_id = successor.refresh_token_id;
    grants::insert(w, new_grant);
    refresh_tokens::insert_family(w, new_family);
    refresh_tokens::insert(w, made, digest_of(2));
    return said(true);
  });
}

TEST_P(SessionGraphFault, a_replay_of_a_code_whose_commit_fails_ends_as_if_it_had_not) {
  for (const auto tenant : {kOne, kTwo}) {
    run([&](const Writer& w) { authorization_codes::consume(w, code.authorization_code_id, digest_of(1), grant.grant_id, now()); }, tenant);
  }
  expect_same_end([&](const Writer& w) {
    if (authorization_codes::consume(w, code.authorization_code_id, digest_of(1), new_grant.grant_id, now())) return said(true);
    return said(grants::revoke(w, authorization_codes::find(w, code.authorization_code_id)->grant_id, true, now()));
  });
}

TEST_P(SessionGraphFault, a_rotation_whose_commit_fails_ends_as_if_it_had_not) {
  expect_same_end([&](const Writer& w) {
    const auto locked = refresh_tokens::lock_family(w, family.family_id);
    if (!refresh_tokens::consume(w, token.refresh_token_id, digest_of(1), successor.refresh_token_id, now())) return said(false);
    refresh_tokens::insert(w, successor, digest_of(2));
    refresh_tokens::record_exchange(w, family.family_id, {.token_counter = locked->token_counter + 1, .ip = "192.0.2.1", .user_agent = "app"}, now());
    return std::to_string(locked->token_counter + 1);
  });
}

TEST_P(SessionGraphFault, a_minted_session_transfer_token_whose_commit_fails_ends_as_if_it_had_not) {
  expect_same_end([&](const Writer& w) {
    refresh_tokens::record_exchange(w, family.family_id, {.token_counter = 0, .ip = "192.0.2.1", .user_agent = "app"}, now());
    session_transfer_tokens::insert(w, new_transfer, digest_of(2));
    return said(true);
  });
}

TEST_P(SessionGraphFault, a_redemption_whose_commit_fails_ends_as_if_it_had_not) {
  expect_same_end([&](const Writer& w) {
    if (!session_transfer_tokens::consume(w, transfer.session_transfer_token_id, digest_of(1), "web", now())) return said(false);
    sessions::revoke(w, session.session_id, now());
    sessions::insert(w, new_session, digest_of(2));
    sessions::record_client(w, new_session.session_id, "web", transfer.transfer_id, now());
    authorization_codes::insert(w, new_code, digest_of(2));
    users::record_login(w, sample_user().user_id, "192.0.2.1", now());
    return said(true);
  });
}

TEST_P(SessionGraphFault, a_redemption_that_joins_a_session_and_whose_commit_fails_ends_as_if_it_had_not) {
  expect_same_end([&](const Writer& w) {
    if (!session_transfer_tokens::consume(w, transfer.session_transfer_token_id, digest_of(1), "web", now())) return said(false);
    auto joined = sessions::lock(w, session.session_id)->session;
    joined.last.ip = "192.0.2.1";
    sessions::touch(w, joined);
    sessions::replace_secret(w, session.session_id, digest_of(2));
    sessions::record_client(w, session.session_id, "web", transfer.transfer_id, now());
    return said(true);
  });
  for (const auto tenant : {kOne, kTwo}) {
    EXPECT_EQ(read([&](const Reader& r) { return sessions::find(r, session.session_id); }, tenant)->secret_hash, digest_of(2));
  }
}

TEST_P(SessionGraphFault, a_suspended_redemption_whose_commit_fails_ends_as_if_it_had_not) {
  expect_same_end([&](const Writer& w) {
    const bool spent = session_transfer_tokens::consume(w, transfer.session_transfer_token_id, digest_of(1), "web", now());
    authorize_transactions::insert(w, new_transaction, digest_of(2), transfer.session_transfer_token_id);
    return said(spent);
  });
}

TEST_P(SessionGraphFault, a_login_whose_commit_fails_ends_as_if_it_had_not) {
  expect_same_end([&](const Writer& w) {
    if (!authorize_transactions::finish(w, transaction.transaction_id, now())) return said(false);
    sessions::insert(w, new_session, digest_of(2));
    authorization_codes::insert(w, new_code, digest_of(2));
    users::record_login(w, sample_user().user_id, "192.0.2.1", now());
    login_attempts::clear(w, "account");
    return said(true);
  });
}

TEST_P(SessionGraphFault, a_counted_failure_whose_commit_fails_is_counted_once) {
  expect_same_end([&](const Writer& w) {
    login_attempts::count_failure(w, "address", 10, 1h, 1h, now());
    login_attempts::take_back(w, "address", 10);
    return std::to_string(login_attempts::count_failure(w, "account", 2, 1h, 1h, now()).failures);
  });
}

TEST_P(SessionGraphFault, revocations_whose_commit_fails_end_as_if_it_had_not) {
  expect_same_end([&](const Writer& w) { return said(refresh_tokens::revoke_family(w, family.family_id, true, now())); });
  expect_same_end([&](const Writer& w) { return said(grants::revoke(w, grant.grant_id, true, now())); });
  expect_same_end([&](const Writer& w) { return said(sessions::revoke(w, session.session_id, now())); });
  expect_same_end([&](const Writer& w) { return said(users::update_password(w, sample_user().user_id, "hash", now())); });
  expect_same_end([&](const Writer& w) { return said(users::delete_one(w, sample_user().user_id, now())); });
}

TEST_P(SessionGraphFault, one_of_64_threads_spends_a_token_when_a_commit_fails) {
  fault_.left = 1;
  EXPECT_EQ(winners([&](const Writer& w, int) {
              return session_transfer_tokens::consume(w, transfer.session_transfer_token_id, digest_of(1), "web", now());
            }),
            1);
}

// Revocation against use, in both orders. On PostgreSQL the two transactions overlap; SQLite's single writer is the lock.

constexpr sql::Statement kWaiting{"test.waiting", "select 1", R"sql(
    select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' limit 1)sql"};

class RevocationAgainstUse : public SessionGraphRace {
 protected:
  struct Pair {
    std::string what;
    std::function<bool(const Writer&)> use;     // whether it may be used
    std::function<void(const Writer&)> revoke;
  };
  // Each on rows of its own.
  std::vector<Pair> pairs() {
    const auto app = make_native_app();
    const auto locked = make_family(), standing = make_family();
    auto session = sample_session();
    session.ancestry = {};
    session.user_id = app.grant.user_id;
    session.password_epoch = sample_user().created_at;
    auto born = session;
    born.session_id = ids_.next();
    born.sid = "born";
    born.ancestry = {standing, app.grant.grant_id, "transfer"};
    run([&](const Writer& w) {
      sessions::insert(w, session, digest_of(1));
      sessions::insert(w, born, digest_of(1));
    });
    const auto later = now() + 1s;
    return {
        {"grant", [=](const Writer& w) { return !grants::lock_standing(w, app.grant.grant_id)->revoked; },
         [=](const Writer& w) { grants::revoke(w, app.grant.grant_id, false, later); }},
        {"family, used by a refresh", [=](const Writer& w) { return !refresh_tokens::lock_family(w, locked)->revoked_at; },
         [=](const Writer& w) { refresh_tokens::revoke_family(w, locked, true, later); }},
        {"family, used by a session that grew from it", [=](const Writer& w) { return segue::sessions::is_live(w, born.session_id, later); },
         [=](const Writer& w) { refresh_tokens::revoke_family(w, standing, true, later); }},
        {"cookie secret",
         [=](const Writer& w) {
           return segue::sessions::lock_live(w, {.id = session.session_id, .secret_hash = digest_of(1)}, later).has_value();
         },
         [=](const Writer& w) { sessions::replace_secret(w, session.session_id, digest_of(2)); }},
        {"session", [=](const Writer& w) { return segue::sessions::is_live(w, session.session_id, later); },
         [=](const Writer& w) { sessions::revoke(w, session.session_id, later); }},
        {"password", [=](const Writer& w) { return users::lock_standing(w, app.grant.user_id)->password_epoch == session.password_epoch; },
         [=](const Writer& w) { users::update_password(w, app.grant.user_id, "hash", later); }},
        {"block", [=](const Writer& w) { return !users::lock_standing(w, app.grant.user_id)->blocked; },
         [=](const Writer& w) {
           auto user = *users::find_for_change(w, app.grant.user_id);
           user.blocked = true;
           users::update(w, user);
         }},
        {"user", [=](const Writer& w) { return users::lock_standing(w, app.grant.user_id).has_value(); },
         [=](const Writer& w) { users::delete_one(w, app.grant.user_id, later); }},
    };
  }
  base::RowId make_family() {
    const auto family = sample_family();
    run([&](const Writer& w) { refresh_tokens::insert_family(w, family); });
    return family.family_id;
  }
  // Runs `first`, and `second` in the other process while the first has not committed. True when the second had to wait.
  bool overlap(const std::function<void(const Writer&)>& first, const std::function<void(const Writer&)>& second) {
    if (!on_postgres()) {
      run(first);
      run(second);
      return true;
    }
    std::thread behind;
    std::atomic<bool> second_done = false;
    bool waited = false;
    run([&](const Writer& w) {
      first(w);
      behind = std::thread([&] {
        other_process().write(kOne, [&](const Writer& other) { return second(other), 0; });
        second_done = true;
      });
      while (!second_done && !waited) {
        waited = other_process().read(kOne, [](const Reader& r) { return r.connection.execute(kWaiting, {}) == 1; });
      }
    });
    behind.join();
    return waited;
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, RevocationAgainstUse, ::testing::ValuesIn(every_place()), place_name);

TEST_P(RevocationAgainstUse, a_revocation_waits_for_a_use_that_came_first_and_then_sees_what_it_made) {
  for (const auto& pair : pairs()) {
    const auto child = sample_grant();
    bool used = false, seen = false;
    const bool waited = overlap(
        [&](const Writer& w) {
          used = pair.use(w);
          grants::insert(w, child);
        },
        [&](const Writer& w) {
          pair.revoke(w);
          seen = grants::lock_standing(w, child.grant_id).has_value();
        });
    EXPECT_TRUE(used && waited && seen) << pair.what;
    EXPECT_FALSE(other_process().write(kOne, [&](const Writer& w) { return pair.use(w); })) << pair.what;
  }
}

TEST_P(RevocationAgainstUse, a_use_that_meets_an_uncommitted_revocation_waits_and_is_refused) {
  for (const auto& pair : pairs()) {
    bool used = true;
    EXPECT_TRUE(overlap(pair.revoke, [&](const Writer& w) { used = pair.use(w); })) << pair.what;
    EXPECT_FALSE(used) << pair.what;
  }
}

TEST_P(RevocationAgainstUse, a_committed_revocation_is_seen_by_every_process) {
  for (const auto& pair : pairs()) {
    EXPECT_TRUE(other_process().write(kOne, [&](const Writer& w) { return pair.use(w); })) << pair.what;
    run(pair.revoke);
    EXPECT_FALSE(other_process().write(kOne, [&](const Writer& w) { return pair.use(w); })) << pair.what;
    EXPECT_FALSE(write([&](const Writer& w) { return pair.use(w); })) << pair.what;
  }
}

TEST_P(RevocationAgainstUse, of_uses_and_a_revocation_at_once_none_is_let_through_after_it) {
  const auto app = make_native_app();
  std::vector<model::Grant> children;
  for (int k = 0; k < kThreads; ++k) children.push_back(sample_grant());
  std::atomic<int> late = 0;
  winners([&](const Writer& w, int k) {
    const auto mine = [&](int n) { return children[static_cast<std::size_t>(n)].grant_id; };
    if (k == kThreads / 2) {
      refresh_tokens::revoke_family(w, app.family.family_id, true, now());
      // From here on no child appears: what is missing now stays missing.
      int missing = 0;
      for (int n = 0; n < kThreads; ++n) missing += n != k && !grants::lock_standing(w, mine(n)) ? 1 : 0;
      late = missing;
      return true;
    }
    if (!segue::sessions::ancestors_live(w, {app.family.family_id, app.grant.grant_id, "transfer"}, now())) return false;
    grants::insert(w, children[static_cast<std::size_t>(k)]);
    return true;
  });
  int missing = 0;
  for (int n = 0; n < kThreads; ++n) {
    if (n == kThreads / 2) continue;
    const auto id = children[static_cast<std::size_t>(n)].grant_id;
    missing += write([&](const Writer& w) { return grants::lock_standing(w, id).has_value(); }) ? 0 : 1;
  }
  EXPECT_EQ(missing, late);
}

}  // namespace
}  // namespace segue::store
