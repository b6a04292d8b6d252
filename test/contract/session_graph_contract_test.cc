// What the repositories of the session graph promise of one row: it comes back as it went in, only to its own tenant, and it
// expires by the clock that is passed. Races stand in session_graph_race_test.cc.
#include "contract/session_graph_fixture.h"
#include "store/authorization_codes.h"
#include "store/authorize_transactions.h"
#include "store/grants.h"
#include "store/login_attempts.h"
#include "store/refresh_tokens.h"
#include "store/session_transfer_tokens.h"
#include "store/sessions.h"

namespace segue::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

namespace stts = session_transfer_tokens;
namespace rts = refresh_tokens;
namespace codes = authorization_codes;
namespace pending = authorize_transactions;

class SessionGraphContract : public SessionGraph {};
INSTANTIATE_TEST_SUITE_P(Engines, SessionGraphContract, ::testing::ValuesIn(every_place()), place_name);

std::vector<Filler> fillers() {
  return {{"value"}, {""}, {"Grüße, 世界 🔑 'quoted' \"double\" $1 \\ %\n\t{}"}, {std::string(64 * 1024, 'w')}};
}

// A record as one text, so that two are equal when every field is.
class Dump {
 public:
  Dump& operator<<(const std::string& v) { return out_ += "[" + v + "]", *this; }
  Dump& operator<<(std::int64_t v) { return *this << std::to_string(v); }
  Dump& operator<<(bool v) { return *this << std::string(v ? "true" : "false"); }
  Dump& operator<<(base::Instant v) { return *this << base::to_micros(v); }
  Dump& operator<<(base::RowId v) { return *this << base::to_integer(v); }
  Dump& operator<<(const model::Ancestry& v) { return *this << v.parent_family_id << v.parent_grant_id << v.transfer_id; }
  Dump& operator<<(const std::vector<model::AuthenticationMethod>& v) {
    for (const auto& method : v) *this << method.name << method.at;
    return *this << std::string("end");
  }
  Dump& operator<<(const model::Digest& v) { return *this << std::string(base::as_text(v)); }
  template <class T>
  Dump& operator<<(const std::optional<T>& v) {
    return v ? *this << *v : *this << std::string("nothing");
  }
  std::string text() const { return out_; }

 private:
  std::string out_;
};

std::string text_of(const model::RefreshTokenFamily& f) {
  Dump out;
  out << f.family_id << f.public_id << f.grant_id << f.user_id << f.client_id << f.connection_id << f.organization_id << f.audience
      << f.scope << f.session_id << f.ends_with_session << f.ancestry << f.auth_time << f.methods << f.initial_ip
      << f.initial_user_agent << f.last_ip << f.last_user_agent << f.rotating << f.token_counter << f.created_at
      << f.last_exchanged_at << f.expires_at << f.idle_expires_at << f.revoked_at << f.revocation_cascades << f.password_epoch;
  return out.text();
}
std::string text_of(const model::RefreshToken& t) {
  Dump out;
  out << t.refresh_token_id << t.family_id << t.counter << static_cast<std::int64_t>(t.state) << t.consumed_at << t.successor_id
      << t.created_at;
  return out.text();
}
std::string text_of(const model::SessionTransferToken& t) {
  Dump out;
  out << t.session_transfer_token_id << t.family_id << t.grant_id << t.client_id << t.user_id << t.connection_id
      << t.organization_id << t.scope << t.origin.ip << t.origin.asn << t.origin.user_agent << json::write(t.origin.geoip)
      << t.auth_time << t.methods << t.transfer_id << static_cast<std::int64_t>(t.state) << t.created_at << t.expires_at
      << t.consumed_at;
  return out.text();
}
std::string text_of(const model::Session& s) {
  Dump out;
  out << s.session_id << s.sid << s.user_id << s.connection_id << s.organization_id << s.ancestry << s.opened_by_transfer
      << s.created_at << s.authenticated_at << s.last_interacted_at << s.idle_expires_at << s.expires_at << s.methods
      << s.initial.ip << s.initial.user_agent << s.last.ip << s.last.user_agent << s.persistent << s.revoked_at
      << s.revocation_cascades << s.password_epoch;
  return out.text();
}
std::string text_of(const model::AuthorizeTransaction& t) {
  Dump out;
  out << t.transaction_id << t.binding_hash << t.client_id << t.request << t.forces_login << t.created_at << t.expires_at
      << t.finished_at;
  return out.text();
}
std::string text_of(const model::AuthorizationCode& c) {
  Dump out;
  out << c.authorization_code_id << c.client_id << c.user_id << c.connection_id << c.organization_id << c.session_id
      << c.redirect_uri << c.scope << c.audience << c.nonce << c.code_challenge << c.auth_time << c.wants_auth_time
      << c.allows_refresh_token << c.refresh_token_ends_with_session << c.ancestry << c.created_at << c.expires_at;
  return out.text();
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
  EXPECT_TRUE(write([&](const Writer& w) { return rts::consume(w, token.refresh_token_id, digest_of(1), *token.successor_id, now()); }));
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
    family.token_counter = 8;
    family.last_exchanged_at = now() + std::chrono::minutes(5);
    family.expires_at.reset();
    family.idle_expires_at.reset();
    if (fill.full()) family.idle_expires_at = now() + std::chrono::hours(96);
    run([&](const Writer& w) {
      rts::record_exchange(w, family.family_id,
                           {.token_counter = 8, .expires_at = {}, .idle_expires_at = family.idle_expires_at, .ip = family.last_ip, .user_agent = family.last_user_agent},
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

TEST_P(SessionGraphContract, a_session_lists_each_client_once_with_its_first_transfer) {
  const auto session_id = ids_.next();
  run([&](const Writer& w) {
    sessions::record_client(w, session_id, "app", "first", now());
    sessions::record_client(w, session_id, "app", "second", now());
    sessions::record_client(w, session_id, "other", "", now());
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

// Uniqueness.

TEST_P(SessionGraphContract, a_key_is_taken_once_in_a_tenant_and_free_in_another) {
  const auto grant = sample_grant();
  const auto family = sample_family();
  const auto token = sample_refresh_token(family.family_id);
  const auto transfer = sample_transfer_token();
  const auto session = sample_session();
  const auto transaction = sample_transaction();
  const auto code = sample_code();
  const std::vector<std::function<void(const Writer&)>> inserts = {
      [&](const Writer& w) { grants::insert(w, grant); },
      [&](const Writer& w) { rts::insert_family(w, family); },
      [&](const Writer& w) { rts::insert(w, token, digest_of(1)); },
      [&](const Writer& w) { stts::insert(w, transfer, digest_of(1)); },
      [&](const Writer& w) { sessions::insert(w, session, digest_of(1)); },
      [&](const Writer& w) { pending::insert(w, transaction, digest_of(1), {}); },
      [&](const Writer& w) { codes::insert(w, code, digest_of(1)); },
      [&](const Writer& w) {
        auto same_sid = session;
        same_sid.session_id = ids_.next();
        sessions::insert(w, same_sid, digest_of(1));
      },
      [&](const Writer& w) {
        auto same_public_id = family;
        same_public_id.family_id = ids_.next();
        rts::insert_family(w, same_public_id);
      },
  };
  for (std::size_t k = 0; k < inserts.size(); ++k) {
    // The last two share a row's public name, not its key.
    if (k < 7) {
      run(inserts[k]);
      run(inserts[k], kTwo);
    }
    EXPECT_THROW(run(inserts[k]), sql::ConstraintViolation) << k;
    EXPECT_THROW(run(inserts[k], kTwo), sql::ConstraintViolation) << k;
  }
}

// Another tenant.

TEST_P(SessionGraphContract, another_tenant_sees_and_changes_no_grant) {
  const auto grant = sample_grant();
  auto family = sample_family();
  family.grant_id = grant.grant_id;
  run([&](const Writer& w) {
    grants::insert(w, grant);
    rts::insert_family(w, family);
  });
  run([&](const Writer& w) {
    EXPECT_FALSE(grants::lock_standing(w, grant.grant_id));
    EXPECT_FALSE(grants::revoke(w, grant.grant_id, true, now()));
    EXPECT_THAT(rts::list_families_of_grant(w, grant.grant_id), IsEmpty());
  }, kTwo);
  run([&](const Writer& w) {
    EXPECT_FALSE(grants::lock_standing(w, grant.grant_id)->revoked);
    EXPECT_THAT(rts::list_families_of_grant(w, grant.grant_id), ElementsAre(family.family_id));
  });
}

TEST_P(SessionGraphContract, another_tenant_sees_and_changes_no_refresh_token) {
  const auto family = sample_family();
  const auto token = sample_refresh_token(family.family_id);
  run([&](const Writer& w) {
    rts::insert_family(w, family);
    rts::insert(w, token, digest_of(1));
  });
  run([&](const Writer& w) {
    EXPECT_FALSE(rts::find(w, token.refresh_token_id));
    EXPECT_FALSE(rts::find_family(w, family.family_id));
    EXPECT_FALSE(rts::lock_family(w, family.family_id));
    EXPECT_FALSE(rts::lock_standing(w, family.family_id, now()));
    EXPECT_FALSE(rts::consume(w, token.refresh_token_id, digest_of(1), ids_.next(), now()));
    EXPECT_FALSE(rts::is_unused(w, token.refresh_token_id));
    EXPECT_FALSE(rts::revoke_family(w, family.family_id, true, now()));
    rts::record_exchange(w, family.family_id, {.token_counter = 99, .ip = "forged", .user_agent = "forged"}, now() + std::chrono::hours(1));
  }, kTwo);
  EXPECT_EQ(text_of(*read([&](const Reader& r) { return rts::find_family(r, family.family_id); })), text_of(family));
  EXPECT_EQ(text_of(read([&](const Reader& r) { return rts::find(r, token.refresh_token_id); })->token), text_of(token));
}

TEST_P(SessionGraphContract, another_tenant_sees_and_spends_no_one_time_row) {
  const auto transfer = sample_transfer_token();
  const auto code = sample_code();
  const auto transaction = sample_transaction();
  run([&](const Writer& w) {
    stts::insert(w, transfer, digest_of(1));
    codes::insert(w, code, digest_of(1));
    pending::insert(w, transaction, digest_of(1), {});
  });
  run([&](const Writer& w) {
    EXPECT_FALSE(stts::find(w, transfer.session_transfer_token_id));
    EXPECT_FALSE(stts::consume(w, transfer.session_transfer_token_id, digest_of(1), "app", now()));
    EXPECT_FALSE(codes::find(w, code.authorization_code_id));
    EXPECT_FALSE(codes::consume(w, code.authorization_code_id, digest_of(1), ids_.next(), now()));
    EXPECT_FALSE(pending::find(w, transaction.transaction_id));
    EXPECT_FALSE(pending::finish(w, transaction.transaction_id, now()));
  }, kTwo);
  EXPECT_EQ(text_of(read([&](const Reader& r) { return stts::find(r, transfer.session_transfer_token_id); })->token), text_of(transfer));
  EXPECT_EQ(read([&](const Reader& r) { return codes::find(r, code.authorization_code_id); })->state, model::OneTimeState::issued);
  EXPECT_FALSE(read([&](const Reader& r) { return pending::find(r, transaction.transaction_id); })->transaction.finished_at);
}

TEST_P(SessionGraphContract, another_tenant_sees_and_changes_no_session) {
  const auto session = sample_session();
  run([&](const Writer& w) {
    sessions::insert(w, session, digest_of(1));
    sessions::record_client(w, session.session_id, "app", "", now());
  });
  run([&](const Writer& w) {
    EXPECT_FALSE(sessions::find(w, session.session_id));
    EXPECT_FALSE(sessions::lock(w, session.session_id));
    EXPECT_FALSE(sessions::revoke(w, session.session_id, now()));
    sessions::replace_secret(w, session.session_id, digest_of(2));
    auto forged = session;
    forged.last.ip = "forged";
    sessions::touch(w, forged);
    sessions::record_client(w, session.session_id, "forged", "", now());
  }, kTwo);
  const auto found = read([&](const Reader& r) { return sessions::find(r, session.session_id); });
  EXPECT_EQ(text_of(found->session), text_of(session));
  EXPECT_EQ(found->secret_hash, digest_of(1));
  const auto clients = read([&](const Reader& r) {
    return r.connection.list(kSessionClients, {kOne, session.session_id}, [](const sql::Row& row) { return row.string(0); });
  });
  EXPECT_THAT(clients, ElementsAre("app/"));
}

TEST_P(SessionGraphContract, another_tenant_sees_and_changes_no_login_counter) {
  using namespace std::chrono_literals;
  const auto fail = [&](const Writer& w) { return login_attempts::count_failure(w, "account", 2, 1h, 1h, now()).failures; };
  EXPECT_EQ(write(fail), 1);
  EXPECT_EQ(write(fail), 2);
  EXPECT_FALSE(read([](const Reader& r) { return login_attempts::find(r, "account"); }, kTwo));
  run([](const Writer& w) { login_attempts::take_back(w, "account", 2); }, kTwo);
  run([](const Writer& w) { login_attempts::clear(w, "account"); }, kTwo);
  EXPECT_EQ(write(fail, kTwo), 1);
  const auto mine = read([](const Reader& r) { return login_attempts::find(r, "account"); });
  EXPECT_EQ(mine->failures, 2);
  EXPECT_EQ(mine->blocked_until, now() + 1h);
  run([](const Writer& w) { login_attempts::clear(w, "account"); });
  EXPECT_EQ(read([](const Reader& r) { return login_attempts::find(r, "account"); }, kTwo)->failures, 1);
}

// Time.

TEST_P(SessionGraphContract, one_time_rows_expire_by_the_clock_that_is_passed) {
  const auto transfer = sample_transfer_token();
  const auto code = sample_code();
  const auto transaction = sample_transaction();
  run([&](const Writer& w) {
    stts::insert(w, transfer, digest_of(1));
    codes::insert(w, code, digest_of(1));
    pending::insert(w, transaction, digest_of(1), {});
  });
  const auto consume_all = [&](base::Duration before_expiry) {
    return write([&](const Writer& w) {
      return std::vector<bool>{stts::consume(w, transfer.session_transfer_token_id, digest_of(1), "app", transfer.expires_at - before_expiry),
                               codes::consume(w, code.authorization_code_id, digest_of(1), {}, code.expires_at - before_expiry),
                               pending::finish(w, transaction.transaction_id, transaction.expires_at - before_expiry)};
    });
  };
  EXPECT_THAT(consume_all(base::Duration(-1)), ElementsAre(false, false, false));
  EXPECT_THAT(consume_all(base::Duration(0)), ElementsAre(false, false, false)) << "the last moment is over";
  EXPECT_THAT(consume_all(base::Duration(1)), ElementsAre(true, true, true));
  EXPECT_THAT(consume_all(base::Duration(1)), ElementsAre(false, false, false));
}

TEST_P(SessionGraphContract, a_family_is_over_at_its_end_and_at_its_idle_end_by_the_clock_that_is_passed) {
  const auto is_over = [&](const model::RefreshTokenFamily& family, base::Instant at) {
    return write([&](const Writer& w) { return rts::lock_standing(w, family.family_id, at)->expired; });
  };
  auto ends = sample_family(), idles = sample_family(), lasts = sample_family();
  ends.idle_expires_at.reset();
  idles.expires_at.reset();
  lasts.expires_at.reset();
  lasts.idle_expires_at.reset();
  run([&](const Writer& w) {
    for (const auto* family : {&ends, &idles, &lasts}) rts::insert_family(w, *family);
  });
  EXPECT_FALSE(is_over(ends, *ends.expires_at - base::Duration(1)));
  EXPECT_TRUE(is_over(ends, *ends.expires_at));
  EXPECT_FALSE(is_over(idles, *idles.idle_expires_at - base::Duration(1)));
  EXPECT_TRUE(is_over(idles, *idles.idle_expires_at));
  EXPECT_FALSE(is_over(lasts, now() + std::chrono::hours(24 * 365 * 100)));
}

// Revocation marks.

TEST_P(SessionGraphContract, a_revocation_is_marked_once_and_keeps_whether_it_cascades) {
  for (const bool cascades : {true, false}) {
    const auto grant = sample_grant();
    const auto family = sample_family();
    run([&](const Writer& w) {
      grants::insert(w, grant);
      rts::insert_family(w, family);
    });
    const auto revoke = [&](bool cascade) {
      return write([&](const Writer& w) {
        return std::vector<bool>{grants::revoke(w, grant.grant_id, cascade, now()), rts::revoke_family(w, family.family_id, cascade, now())};
      });
    };
    const auto first = now();
    EXPECT_THAT(revoke(cascades), ElementsAre(true, true));
    clock_.advance(std::chrono::seconds(5));
    EXPECT_THAT(revoke(!cascades), ElementsAre(false, false));
    run([&](const Writer& w) {
      EXPECT_TRUE(grants::lock_standing(w, grant.grant_id)->revoked);
      EXPECT_EQ(grants::lock_standing(w, grant.grant_id)->revocation_cascades, cascades);
      EXPECT_TRUE(rts::lock_standing(w, family.family_id, now())->revoked);
      EXPECT_EQ(rts::lock_standing(w, family.family_id, now())->revocation_cascades, cascades);
      EXPECT_EQ(rts::find_family(w, family.family_id)->revoked_at, first);
    });
  }
}

TEST_P(SessionGraphContract, the_families_of_a_grant_are_the_live_ones_of_that_grant) {
  const auto grant = sample_grant(), other = sample_grant();
  auto a = sample_family(), b = sample_family(), revoked = sample_family(), strange = sample_family();
  a.grant_id = b.grant_id = revoked.grant_id = grant.grant_id;
  strange.grant_id = other.grant_id;
  run([&](const Writer& w) {
    grants::insert(w, grant);
    grants::insert(w, other);
    for (const auto* family : {&a, &b, &revoked, &strange}) rts::insert_family(w, *family);
    rts::revoke_family(w, revoked.family_id, false, now());
  });
  EXPECT_THAT(read([&](const Reader& r) { return rts::list_families_of_grant(r, grant.grant_id); }),
              UnorderedElementsAre(a.family_id, b.family_id));
}

}  // namespace
}  // namespace segue::store
