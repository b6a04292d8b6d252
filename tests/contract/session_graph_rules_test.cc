// The rules of the session graph's rows: keys are taken once, another tenant sees and changes nothing, a row expires by the clock
// that is passed, and a revocation is marked once.
#include "contract/session_graph_fixture.h"
#include "contract/session_graph_text.h"

namespace segue::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class SessionGraphRules : public SessionGraph {};
INSTANTIATE_TEST_SUITE_P(Engines, SessionGraphRules, ::testing::ValuesIn(every_place()), place_name);

constexpr sql::Statement kClientsOf{"test.clients_of", R"sql(
    select client_id || '/' || transfer_id from session_clients where tenant_id = $1 and session_id = $2 order by 1)sql"};

// Uniqueness.

TEST_P(SessionGraphRules, a_key_is_taken_once_in_a_tenant_and_free_in_another) {
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

TEST_P(SessionGraphRules, another_tenant_sees_and_changes_no_grant) {
  const auto grant = sample_grant();
  auto family = sample_family();
  family.grant_id = grant.grant_id;
  run([&](const Writer& w) {
    grants::insert(w, grant);
    rts::insert_family(w, family);
  });
  run(
      [&](const Writer& w) {
        EXPECT_FALSE(grants::lock_standing(w, grant.grant_id));
        EXPECT_FALSE(grants::revoke(w, grant.grant_id, true, now()));
        EXPECT_THAT(rts::list_families_of_grant(w, grant.grant_id), IsEmpty());
      },
      kTwo);
  run([&](const Writer& w) {
    EXPECT_FALSE(grants::lock_standing(w, grant.grant_id)->revoked);
    EXPECT_THAT(rts::list_families_of_grant(w, grant.grant_id), ElementsAre(family.family_id));
  });
}

TEST_P(SessionGraphRules, another_tenant_sees_and_changes_no_refresh_token) {
  auto family = sample_family();
  family.rotating = false;
  const auto token = sample_refresh_token(family.family_id);
  run([&](const Writer& w) {
    rts::insert_family(w, family);
    rts::insert(w, token, digest_of(1));
  });
  run(
      [&](const Writer& w) {
        EXPECT_FALSE(rts::find(w, token.refresh_token_id));
        EXPECT_FALSE(rts::find_family(w, family.family_id));
        EXPECT_FALSE(rts::lock_family(w, family.family_id));
        EXPECT_FALSE(rts::lock_standing(w, family.family_id, now()));
        EXPECT_FALSE(rts::consume(w, token.refresh_token_id, digest_of(1), ids_.next(), now()));
        EXPECT_FALSE(rts::is_unused(w, token.refresh_token_id));
        EXPECT_FALSE(rts::revoke_family(w, family.family_id, true, now()));
        rts::revoke_families_of(w, family.user_id, family.client_id, family.audience, true, now());
        auto non_rotating = family;
        non_rotating.family_id = ids_.next();
        EXPECT_EQ(rts::revoke_non_rotating(w, non_rotating, true, now()), 0);
        rts::record_exchange(w, family.family_id, {.token_counter = 99, .ip = "forged", .user_agent = "forged"},
                             now() + std::chrono::hours(1));
      },
      kTwo);
  EXPECT_EQ(text_of(*read([&](const Reader& r) { return rts::find_family(r, family.family_id); })), text_of(family));
  EXPECT_EQ(text_of(read([&](const Reader& r) { return rts::find(r, token.refresh_token_id); })->token), text_of(token));
}

TEST_P(SessionGraphRules, what_does_not_rotate_ends_but_for_one_family_and_no_other_kind) {
  auto kept = sample_family();
  kept.rotating = false;
  run([&](const Writer& w) { rts::insert_family(w, kept); });
  const auto made = [&](auto change) {
    auto other = sample_family();
    other.rotating = false;
    change(other);
    run([&](const Writer& w) { rts::insert_family(w, other); });
    return other.family_id;
  };
  const auto alike = made([](model::RefreshTokenFamily&) {});
  const std::vector<base::RowId> others = {kept.family_id, made([](model::RefreshTokenFamily& f) { f.rotating = true; }),
                                           made([](model::RefreshTokenFamily& f) { f.user_id = "auth0|other"; }),
                                           made([](model::RefreshTokenFamily& f) { f.client_id = "other"; }),
                                           made([](model::RefreshTokenFamily& f) { f.audience = "https://other.example/"; })};
  const auto ended = write([&](const Writer& w) {
    rts::lock_non_rotating(w, kept.user_id, kept.client_id, kept.audience);
    return rts::revoke_non_rotating(w, kept, true, now());
  });
  EXPECT_EQ(ended, 1);
  const auto is_revoked = [&](base::RowId id) {
    return read([&](const Reader& r) { return rts::find_family(r, id)->revoked_at.has_value(); });
  };
  EXPECT_TRUE(is_revoked(alike));
  for (const auto id : others) EXPECT_FALSE(is_revoked(id));
}

TEST_P(SessionGraphRules, families_of_one_user_client_and_audience_end_together_and_no_others) {
  const auto family = sample_family();
  const auto made = [&](auto change) {
    auto other = sample_family();
    other.user_id = family.user_id;
    other.client_id = family.client_id;
    other.audience = family.audience;
    change(other);
    run([&](const Writer& w) { rts::insert_family(w, other); });
    return other.family_id;
  };
  run([&](const Writer& w) { rts::insert_family(w, family); });
  const auto alike = made([](model::RefreshTokenFamily&) {});
  const auto of_another_user = made([](model::RefreshTokenFamily& f) { f.user_id = "auth0|other"; });
  const auto at_another_client = made([](model::RefreshTokenFamily& f) { f.client_id = "other"; });
  const auto for_another_api = made([](model::RefreshTokenFamily& f) { f.audience = "https://other.example/"; });
  run([&](const Writer& w) { rts::revoke_families_of(w, family.user_id, family.client_id, family.audience, true, now()); });
  const auto ended = [&](base::RowId id) {
    const auto found = read([&](const Reader& r) { return rts::find_family(r, id); });
    return found->revoked_at.has_value() && found->revocation_cascades;
  };
  EXPECT_TRUE(ended(family.family_id));
  EXPECT_TRUE(ended(alike));
  EXPECT_FALSE(ended(of_another_user) || ended(at_another_client) || ended(for_another_api));
}

TEST_P(SessionGraphRules, another_tenant_sees_and_spends_no_one_time_row) {
  const auto transfer = sample_transfer_token();
  const auto code = sample_code();
  const auto transaction = sample_transaction();
  run([&](const Writer& w) {
    stts::insert(w, transfer, digest_of(1));
    codes::insert(w, code, digest_of(1));
    pending::insert(w, transaction, digest_of(1), {});
  });
  run(
      [&](const Writer& w) {
        EXPECT_FALSE(stts::find(w, transfer.session_transfer_token_id));
        EXPECT_FALSE(stts::consume(w, transfer.session_transfer_token_id, digest_of(1), "app", now()));
        EXPECT_FALSE(codes::find(w, code.authorization_code_id));
        EXPECT_FALSE(codes::consume(w, code.authorization_code_id, digest_of(1), ids_.next(), now()));
        EXPECT_FALSE(pending::find(w, transaction.transaction_id));
        EXPECT_FALSE(pending::finish(w, transaction.transaction_id, now()));
      },
      kTwo);
  EXPECT_EQ(text_of(read([&](const Reader& r) { return stts::find(r, transfer.session_transfer_token_id); })->token),
            text_of(transfer));
  EXPECT_EQ(read([&](const Reader& r) { return codes::find(r, code.authorization_code_id); })->state,
            model::OneTimeState::issued);
  EXPECT_FALSE(read([&](const Reader& r) { return pending::find(r, transaction.transaction_id); })->transaction.finished_at);
}

TEST_P(SessionGraphRules, another_tenant_sees_and_changes_no_session) {
  const auto session = sample_session();
  run([&](const Writer& w) {
    sessions::insert(w, session, digest_of(1));
    session_clients::record(w, session.session_id, "app", "", {}, now());
  });
  run(
      [&](const Writer& w) {
        EXPECT_FALSE(sessions::find(w, session.session_id));
        EXPECT_FALSE(sessions::lock(w, session.session_id));
        EXPECT_FALSE(sessions::revoke(w, session.session_id, now()));
        sessions::replace_secret(w, session.session_id, digest_of(2));
        auto forged = session;
        forged.last.ip = "forged";
        sessions::touch(w, forged);
        session_clients::record(w, session.session_id, "forged", "", {}, now());
      },
      kTwo);
  const auto found = read([&](const Reader& r) { return sessions::find(r, session.session_id); });
  EXPECT_EQ(text_of(found->session), text_of(session));
  EXPECT_EQ(found->secret_hash, digest_of(1));
  const auto clients = read([&](const Reader& r) {
    return r.connection.list(kClientsOf, {kOne, session.session_id}, [](const sql::Row& row) { return row.string(0); });
  });
  EXPECT_THAT(clients, ElementsAre("app/"));
}

TEST_P(SessionGraphRules, another_tenant_sees_and_changes_no_login_counter) {
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

TEST_P(SessionGraphRules, a_bucket_has_as_many_places_as_it_has_and_gets_one_back_each_time) {
  using namespace std::chrono_literals;
  const auto take = [&](const Writer& w) { return login_attempts::take_place(w, "bucket", 3, 10min, now()); };
  for (int k = 1; k <= 3; ++k) {
    const auto taken = write(take);
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken->failures, k);
    EXPECT_EQ(taken->blocked_until, now() + k * 10min);
  }
  EXPECT_FALSE(write(take));
  EXPECT_EQ(read([](const Reader& r) { return login_attempts::find(r, "bucket"); })->blocked_until, now() + 30min);
  EXPECT_TRUE(write(take, kTwo)) << "another tenant's is its own";
  clock_.advance(10min);
  EXPECT_TRUE(write(take));
  EXPECT_FALSE(write(take));
  clock_.advance(1h);
  EXPECT_EQ(write(take)->blocked_until, now() + 10min);
}

// Time.

TEST_P(SessionGraphRules, one_time_rows_expire_by_the_clock_that_is_passed) {
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
      return std::vector<bool>{
          stts::consume(w, transfer.session_transfer_token_id, digest_of(1), "app", transfer.expires_at - before_expiry),
          codes::consume(w, code.authorization_code_id, digest_of(1), {}, code.expires_at - before_expiry),
          pending::finish(w, transaction.transaction_id, transaction.expires_at - before_expiry)};
    });
  };
  EXPECT_THAT(consume_all(base::Duration(-1)), ElementsAre(false, false, false));
  EXPECT_THAT(consume_all(base::Duration(0)), ElementsAre(false, false, false)) << "the last moment is over";
  EXPECT_THAT(consume_all(base::Duration(1)), ElementsAre(true, true, true));
  EXPECT_THAT(consume_all(base::Duration(1)), ElementsAre(false, false, false));
}

TEST_P(SessionGraphRules, a_family_is_over_at_its_end_and_at_its_idle_end_by_the_clock_that_is_passed) {
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

TEST_P(SessionGraphRules, a_revocation_is_marked_once_and_keeps_whether_it_cascades) {
  for (const bool cascades : {true, false}) {
    const auto grant = sample_grant();
    const auto family = sample_family();
    run([&](const Writer& w) {
      grants::insert(w, grant);
      rts::insert_family(w, family);
    });
    const auto revoke = [&](bool cascade) {
      return write([&](const Writer& w) {
        return std::vector<bool>{grants::revoke(w, grant.grant_id, cascade, now()),
                                 rts::revoke_family(w, family.family_id, cascade, now())};
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

TEST_P(SessionGraphRules, the_families_of_a_grant_are_the_live_ones_of_that_grant) {
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
