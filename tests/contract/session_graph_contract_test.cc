// Every row of the session graph comes back as it went in, and changes as it was told.
#include "contract/session_graph_fixture.h"
#include "contract/session_graph_text.h"

namespace segue::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SessionGraphContract : public SessionGraph {};
INSTANTIATE_TEST_SUITE_P(Engines, SessionGraphContract, ::testing::ValuesIn(every_place()), place_name);

std::vector<Filler> fillers() {
  return {{"value"}, {""}, {"Grüße, 世界 🔑 'quoted' \"double\" $1 \\ %\n\t{}"}, {std::string(64 * 1024, 'w')}};
}

constexpr sql::Statement kGrantRow{"test.grant", R"sql(
    select user_id, client_id, session_id, parent_family_id, parent_grant_id, transfer_id, created_at, revoked_at,
           revocation_cascades from grants where tenant_id = $1 and grant_id = $2)sql"};
constexpr sql::Statement kSpender{"test.spender", R"sql(
    select consumed_by_client_id from session_transfer_tokens where tenant_id = $1 and session_transfer_token_id = $2)sql"};
constexpr sql::Statement kEvidence{"test.evidence", R"sql(
    select session_transfer_token_id from authorize_transactions where tenant_id = $1 and transaction_id = $2)sql"};
constexpr sql::Statement kSessionClients{"test.session_clients", R"sql(
    select client_id || '/' || transfer_id from session_clients where tenant_id = $1 and session_id = $2 order by 1)sql"};

TEST_P(SessionGraphContract, a_grant_comes_back_as_it_went_in) {
  for (const auto& fill : fillers()) {
    const auto grant = sample_grant(fill);
    run([&](const Writer& w) { grants::insert(w, grant); });
    read([&](const Reader& r) {
      return r.connection.execute(kGrantRow, {kOne, grant.grant_id}) == 1 &&
             r.connection.maybe_one(kGrantRow, {kOne, grant.grant_id}, [&](const sql::Row& row) {
               EXPECT_EQ(row.string(0), grant.user_id);
               EXPECT_EQ(row.string(1), grant.client_id);
               EXPECT_EQ(row.maybe_row_id(2), grant.session_id);
               EXPECT_EQ(row.row_id(3), grant.ancestry.parent_family_id);
               EXPECT_EQ(row.null(3), !fill.full());  // no ancestor is null
               EXPECT_EQ(row.row_id(4), grant.ancestry.parent_grant_id);
               EXPECT_EQ(row.null(4), !fill.full());
               EXPECT_EQ(row.string(5), grant.ancestry.transfer_id);
               EXPECT_EQ(row.instant(6), grant.created_at);
               EXPECT_TRUE(row.null(7));
               EXPECT_FALSE(row.boolean(8));
               return true;
             });
    });
    const auto standing = write([&](const Writer& w) { return grants::lock_standing(w, grant.grant_id); });
    ASSERT_TRUE(standing);
    EXPECT_FALSE(standing->revoked);
    EXPECT_FALSE(standing->revocation_cascades);
  }
}

TEST_P(SessionGraphContract, a_refresh_token_family_comes_back_as_it_went_in) {
  for (const auto& fill : fillers()) {
    const auto family = sample_family(fill);
    run([&](const Writer& w) { rts::insert_family(w, family); });
    const auto found = read([&](const Reader& r) { return rts::find_family(r, family.family_id); });
    const auto locked = write([&](const Writer& w) { return rts::lock_family(w, family.family_id); });
    ASSERT_TRUE(found && locked);
    EXPECT_EQ(text_of(*found), text_of(family));
    EXPECT_EQ(text_of(*locked), text_of(family));
  }
}

TEST_P(SessionGraphContract, a_refresh_token_comes_back_as_it_went_in_and_as_it_was_consumed) {
  auto token = sample_refresh_token(ids_.next());
  run([&](const Writer& w) { rts::insert(w, token, digest_of(1)); });
  auto found = read([&](const Reader& r) { return rts::find(r, token.refresh_token_id); });
  ASSERT_TRUE(found);
  EXPECT_EQ(text_of(found->token), text_of(token));
  EXPECT_EQ(found->secret_hash, digest_of(1));

  token.state = model::OneTimeState::consumed;
  token.consumed_at = now();
  token.successor_id = ids_.next();
  EXPECT_TRUE(
      write([&](const Writer& w) { return rts::consume(w, token.refresh_token_id, digest_of(1), *token.successor_id, now()); }));
  found = read([&](const Reader& r) { return rts::find(r, token.refresh_token_id); });
  EXPECT_EQ(text_of(found->token), text_of(token));
  EXPECT_FALSE(read([&](const Reader& r) { return rts::is_unused(r, token.refresh_token_id); }));
}

TEST_P(SessionGraphContract, an_exchange_is_recorded_in_the_family) {
  for (const auto& fill : fillers()) {
    auto family = sample_family();
    run([&](const Writer& w) { rts::insert_family(w, family); });
    family.last_ip = fill("last_ip");
    family.last_user_agent = fill("last_user_agent");
    if (fill.full()) family.last_asn = 64501;
    if (!fill.full()) family.last_asn.reset();
    family.token_counter = 8;
    family.rotating = !family.rotating;
    family.last_exchanged_at = now() + std::chrono::minutes(5);
    family.expires_at.reset();
    family.idle_expires_at.reset();
    if (fill.full()) family.idle_expires_at = now() + std::chrono::hours(96);
    run([&](const Writer& w) {
      rts::record_exchange(w, family.family_id,
                           {.token_counter = 8,
                            .rotating = family.rotating,
                            .expires_at = {},
                            .idle_expires_at = family.idle_expires_at,
                            .ip = family.last_ip,
                            .user_agent = family.last_user_agent,
                            .asn = family.last_asn},
                           family.last_exchanged_at);
    });
    EXPECT_EQ(text_of(*read([&](const Reader& r) { return rts::find_family(r, family.family_id); })), text_of(family));
  }
}

TEST_P(SessionGraphContract, a_session_transfer_token_comes_back_as_it_went_in_and_as_it_was_spent) {
  for (const auto& fill : fillers()) {
    auto token = sample_transfer_token(fill);
    const auto id = token.session_transfer_token_id;
    run([&](const Writer& w) { stts::insert(w, token, digest_of(1)); });
    auto found = read([&](const Reader& r) { return stts::find(r, id); });
    ASSERT_TRUE(found);
    EXPECT_EQ(text_of(found->token), text_of(token));
    EXPECT_EQ(found->secret_hash, digest_of(1));

    token.state = model::OneTimeState::consumed;
    token.consumed_at = now();
    EXPECT_TRUE(write([&](const Writer& w) { return stts::consume(w, id, digest_of(1), fill("spender"), now()); }));
    found = read([&](const Reader& r) { return stts::find(r, id); });
    EXPECT_EQ(text_of(found->token), text_of(token));
    const auto spender = read([&](const Reader& r) {
      return r.connection.maybe_one(kSpender, {kOne, id}, [](const sql::Row& row) { return row.string(0); });
    });
    EXPECT_EQ(spender, fill("spender"));
  }
}

TEST_P(SessionGraphContract, a_session_comes_back_as_it_went_in) {
  for (const auto& fill : fillers()) {
    const auto session = sample_session(fill);
    run([&](const Writer& w) { sessions::insert(w, session, digest_of(1)); });
    const auto found = read([&](const Reader& r) { return sessions::find(r, session.session_id); });
    const auto locked = write([&](const Writer& w) { return sessions::lock(w, session.session_id); });
    ASSERT_TRUE(found && locked);
    EXPECT_EQ(text_of(found->session), text_of(session));
    EXPECT_EQ(text_of(locked->session), text_of(session));
    EXPECT_EQ(found->secret_hash, digest_of(1));
    EXPECT_EQ(locked->secret_hash, digest_of(1));
  }
}

TEST_P(SessionGraphContract, a_session_remembers_its_last_use_its_new_secret_and_its_end) {
  for (const auto& fill : fillers()) {
    auto session = sample_session();
    run([&](const Writer& w) { sessions::insert(w, session, digest_of(1)); });
    session.last_interacted_at = now() + std::chrono::minutes(1);
    session.idle_expires_at = now() + std::chrono::minutes(2);
    session.last.ip = fill("last_ip");
    session.last.user_agent = fill("last_user_agent");
    session.last.asn.reset();
    if (fill.full()) session.last.asn = 64501;
    session.revoked_at = now() + std::chrono::minutes(3);
    session.revocation_cascades = true;
    const auto revoke = [&](const Writer& w) { return sessions::revoke(w, session.session_id, *session.revoked_at); };
    run([&](const Writer& w) {
      sessions::touch(w, session);
      sessions::replace_secret(w, session.session_id, digest_of(2));
    });
    EXPECT_TRUE(write(revoke));
    clock_.advance(std::chrono::seconds(1));
    EXPECT_FALSE(write(revoke)) << "the first revocation stands";
    const auto found = read([&](const Reader& r) { return sessions::find(r, session.session_id); });
    EXPECT_EQ(text_of(found->session), text_of(session));
    EXPECT_EQ(found->secret_hash, digest_of(2));
  }
}

TEST_P(SessionGraphContract, the_end_of_a_session_comes_nearer_and_never_moves_away) {
  const auto session = sample_session();
  run([&](const Writer& w) { sessions::insert(w, session, digest_of(1)); });
  const auto touch = [&](base::Instant expires_at) {
    auto touched = session;
    touched.expires_at = expires_at;
    run([&](const Writer& w) { sessions::touch(w, touched); });
    return read([&](const Reader& r) { return sessions::find(r, session.session_id); })->session.expires_at;
  };
  EXPECT_EQ(touch(session.expires_at + std::chrono::hours(1)), session.expires_at);
  EXPECT_EQ(touch(session.expires_at - std::chrono::hours(1)), session.expires_at - std::chrono::hours(1));
  EXPECT_EQ(touch(session.expires_at), session.expires_at - std::chrono::hours(1));
}

TEST_P(SessionGraphContract, a_session_lists_each_client_once_with_its_first_transfer) {
  const auto session_id = ids_.next();
  run([&](const Writer& w) {
    session_clients::record(w, session_id, "app", "first", {}, now());
    session_clients::record(w, session_id, "app", "second", {}, now());
    session_clients::record(w, session_id, "other", "", {}, now());
  });
  const auto clients = read([&](const Reader& r) {
    return r.connection.list(kSessionClients, {kOne, session_id}, [](const sql::Row& row) { return row.string(0); });
  });
  EXPECT_THAT(clients, ElementsAre("app/first", "other/"));
}

TEST_P(SessionGraphContract, an_authorize_transaction_comes_back_as_it_went_in_with_the_token_spent_for_it) {
  for (const auto& fill : fillers()) {
    auto transaction = sample_transaction(fill);
    const auto id = transaction.transaction_id;
    const auto spent = fill.full() ? ids_.next() : base::RowId{};
    run([&](const Writer& w) { pending::insert(w, transaction, digest_of(1), spent); });
    auto found = read([&](const Reader& r) { return pending::find(r, id); });
    ASSERT_TRUE(found);
    EXPECT_EQ(text_of(found->transaction), text_of(transaction));
    EXPECT_EQ(found->secret_hash, digest_of(1));
    const auto evidence = read([&](const Reader& r) {
      return r.connection.maybe_one(kEvidence, {kOne, id}, [](const sql::Row& row) { return row.maybe_row_id(0); });
    });
    EXPECT_EQ(evidence.value(), fill.full() ? std::optional(spent) : std::nullopt);

    transaction.finished_at = now();
    EXPECT_TRUE(write([&](const Writer& w) { return pending::finish(w, id, now()); }));
    found = read([&](const Reader& r) { return pending::find(r, id); });
    EXPECT_EQ(text_of(found->transaction), text_of(transaction));
  }
}

TEST_P(SessionGraphContract, an_authorization_code_comes_back_as_it_went_in_and_names_what_it_produced) {
  for (const auto& fill : fillers()) {
    const auto code = sample_code(fill);
    const auto id = code.authorization_code_id;
    run([&](const Writer& w) { codes::insert(w, code, digest_of(1)); });
    auto found = read([&](const Reader& r) { return codes::find(r, id); });
    ASSERT_TRUE(found);
    EXPECT_EQ(text_of(found->code), text_of(code));
    EXPECT_EQ(found->secret_hash, digest_of(1));
    EXPECT_EQ(found->state, model::OneTimeState::issued);
    EXPECT_EQ(found->grant_id, base::RowId{});

    const auto grant_id = fill.full() ? ids_.next() : base::RowId{};
    EXPECT_TRUE(write([&](const Writer& w) { return codes::consume(w, id, digest_of(1), grant_id, now()); }));
    found = read([&](const Reader& r) { return codes::find(r, id); });
    EXPECT_EQ(text_of(found->code), text_of(code));
    EXPECT_EQ(found->state, model::OneTimeState::consumed);
    EXPECT_EQ(found->grant_id, grant_id);
  }
}

TEST_P(SessionGraphContract, an_unknown_id_is_nothing_to_every_function) {
  const auto id = ids_.next();
  run([&](const Writer& w) {
    EXPECT_FALSE(grants::lock_standing(w, id));
    EXPECT_FALSE(grants::revoke(w, id, true, now()));
    EXPECT_FALSE(rts::find(w, id) || rts::find_family(w, id) || rts::lock_family(w, id) || rts::lock_standing(w, id, now()));
    EXPECT_FALSE(rts::consume(w, id, digest_of(1), id, now()) || rts::is_unused(w, id) || rts::revoke_family(w, id, true, now()));
    EXPECT_THAT(rts::list_families_of_grant(w, id), IsEmpty());
    EXPECT_FALSE(stts::find(w, id) || stts::consume(w, id, digest_of(1), "app", now()));
    EXPECT_FALSE(sessions::find(w, id) || sessions::lock(w, id) || sessions::revoke(w, id, now()));
    EXPECT_FALSE(pending::find(w, id) || pending::finish(w, id, now()));
    EXPECT_FALSE(codes::find(w, id) || codes::consume(w, id, digest_of(1), id, now()));
    EXPECT_FALSE(login_attempts::find(w, "nobody"));
  });
}

TEST_P(SessionGraphContract, a_wrong_secret_spends_nothing) {
  const auto transfer = sample_transfer_token();
  const auto code = sample_code();
  const auto token = sample_refresh_token(ids_.next());
  run([&](const Writer& w) {
    stts::insert(w, transfer, digest_of(1));
    codes::insert(w, code, digest_of(1));
    rts::insert(w, token, digest_of(1));
  });
  run([&](const Writer& w) {
    EXPECT_FALSE(stts::consume(w, transfer.session_transfer_token_id, digest_of(2), "app", now()));
    EXPECT_FALSE(codes::consume(w, code.authorization_code_id, digest_of(2), ids_.next(), now()));
    EXPECT_FALSE(rts::consume(w, token.refresh_token_id, digest_of(2), ids_.next(), now()));
  });
  run([&](const Writer& w) {
    EXPECT_TRUE(stts::consume(w, transfer.session_transfer_token_id, digest_of(1), "app", now()));
    EXPECT_TRUE(codes::consume(w, code.authorization_code_id, digest_of(1), ids_.next(), now()));
    EXPECT_TRUE(rts::consume(w, token.refresh_token_id, digest_of(1), ids_.next(), now()));
  });
}

}  // namespace
}  // namespace segue::store
