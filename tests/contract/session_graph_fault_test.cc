// A closure whose first commit fails runs again and leaves what one run leaves (design §5).
#include "contract/session_graph_fixture.h"

namespace segue::store {
namespace {

using namespace std::chrono_literals;

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

class SessionGraphFault : public SessionGraph {
 protected:
  // The same rows in both tenants, so that one can go without the fault and one with it.
  void SetUp() override {
    SessionGraph::SetUp();
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
      run(
          [&](const Writer& w) {
            users::insert(w, sample_user());
            grants::insert(w, grant);
            refresh_tokens::insert_family(w, family);
            refresh_tokens::insert(w, token, digest_of(1));
            session_transfer_tokens::insert(w, transfer, digest_of(1));
            sessions::insert(w, session, digest_of(1));
            authorize_transactions::insert(w, transaction, digest_of(1), {});
            authorization_codes::insert(w, code, digest_of(1));
          },
          tenant);
    }
    clock_.advance(1s);
  }
  std::vector<std::string> state_of(base::TenantId tenant) {
    return read(
        [&](const Reader& r) { return r.connection.list(kState, {r.tenant}, [](const sql::Row& row) { return row.string(0); }); },
        tenant);
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
    run(
        [&](const Writer& w) {
          authorization_codes::consume(w, code.authorization_code_id, digest_of(1), grant.grant_id, now());
        },
        tenant);
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
    refresh_tokens::record_exchange(w, family.family_id,
                                    {.token_counter = locked->token_counter + 1, .ip = "192.0.2.1", .user_agent = "app"}, now());
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
    session_clients::record(w, new_session.session_id, "web", transfer.transfer_id, {}, now());
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
    session_clients::record(w, session.session_id, "web", transfer.transfer_id, {}, now());
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

}  // namespace
}  // namespace segue::store
