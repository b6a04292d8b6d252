// What has ended in the session graph goes a day later, and nothing that something below still names.
#include "store/ended_rows.h"
#include "store/session_clients.h"

#include "contract/session_graph_fixture.h"
#include "store/revocations.h"
#include "store/session_clients.h"

namespace segue::store {
namespace {

using namespace std::chrono_literals;
using ended_rows::Table;

struct EndedRows : SessionGraph {
  std::size_t ended(Table table, base::TenantId tenant = kOne) {
    return read([&](const Reader& r) { return ended_rows::look(r, table, {}, 1000, now()).ended.size(); }, tenant);
  }
  std::int64_t sweep(Table table, base::TenantId tenant = kOne) {
    const auto page = read([&](const Reader& r) { return ended_rows::look(r, table, {}, 1000, now()); }, tenant);
    return write([&](const Writer& w) { return ended_rows::sweep(w, table, {}, page.last, now()); }, tenant);
  }
  // All tables, children first.
  std::int64_t sweep_all() {
    std::int64_t out = 0;
    for (const auto table : ended_rows::kTables) out += sweep(table);
    return out;
  }
  model::Session add_session(base::Duration idle, base::Duration absolute, const model::Ancestry& ancestry = {}) {
    auto out = sample_session();
    out.ancestry = ancestry;
    out.idle_expires_at = now() + idle;
    out.expires_at = now() + absolute;
    run([&](const Writer& w) {
      sessions::insert(w, out, digest_of(1));
      session_clients::record(w, out.session_id, "web", "", {}, now());
    });
    return out;
  }
  bool has(const model::Session& session) {
    return read([&](const Reader& r) { return sessions::find(r, session.session_id).has_value(); });
  }
  bool has(const model::RefreshTokenFamily& family) {
    return read([&](const Reader& r) { return rts::find_family(r, family.family_id).has_value(); });
  }
  std::size_t clients_of(const model::Session& session) {
    return read([&](const Reader& r) { return sessions::list_clients(r, session.session_id).size(); });
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, EndedRows, ::testing::ValuesIn(every_place()), place_name);

TEST_P(EndedRows, of_sessions_are_those_idle_expired_or_revoked_a_day_ago) {
  const auto idle = add_session(1h, 1000h), expired = add_session(1000h, 1h), revoked = add_session(1000h, 1000h);
  const auto live = add_session(1000h, 1000h);
  clock_.advance(1h);
  run([&](const Writer& w) { sessions::revoke(w, revoked.session_id, now()); });
  clock_.advance(24h - 1us);
  EXPECT_EQ(ended(Table::sessions), 0u);
  clock_.advance(1us);
  EXPECT_EQ(ended(Table::sessions, kTwo), 0u);
  EXPECT_EQ(ended(Table::sessions), 3u);
  EXPECT_EQ(write([&](const Writer& w) { return ended_rows::sweep(w, Table::sessions, {}, live.session_id, now()); }, kTwo), 0);
  EXPECT_EQ(sweep(Table::sessions), 3);
  EXPECT_TRUE(has(live));
  EXPECT_EQ(clients_of(live), 1u);
  for (const auto& gone : {idle, expired, revoked}) {
    EXPECT_FALSE(has(gone));
    EXPECT_EQ(clients_of(gone), 0u);
  }
}

TEST_P(EndedRows, of_sessions_stay_until_their_relying_parties_have_been_told) {
  const auto waited_for = add_session(1h, 1h), replaced = add_session(1000h, 1000h), successor = add_session(1000h, 1000h);
  run([&](const Writer& w) {
    session_clients::record(w, waited_for.session_id, "listening", "", {.look_at = now() + 1h}, now());
    sessions::replace(w, replaced.session_id, successor.session_id, now());
  });
  clock_.advance(48h);
  EXPECT_EQ(ended(Table::sessions), 0u);
  run([&](const Writer& w) {
    session_clients::set_look(w, waited_for.session_id, "listening", std::nullopt);
    sessions::revoke(w, successor.session_id, now(), revocations::kRpLogout);
  });
  EXPECT_EQ(ended(Table::sessions), 1u);
  clock_.advance(24h);
  EXPECT_EQ(sweep(Table::sessions), 2) << "the waited for, and the successor";
  EXPECT_EQ(sweep(Table::sessions), 1) << "the replaced one";
}

TEST_P(EndedRows, are_judged_again_by_the_transaction_that_removes) {
  const auto session = add_session(1h, 1000h);
  clock_.advance(25h);
  ASSERT_EQ(ended(Table::sessions), 1u);
  auto touched = session;
  touched.idle_expires_at = now() + 1h;  // as if a node whose clock is behind had used it
  run([&](const Writer& w) { sessions::touch(w, touched); });
  EXPECT_EQ(write([&](const Writer& w) { return ended_rows::sweep(w, Table::sessions, {}, session.session_id, now()); }), 0);
  EXPECT_TRUE(has(session));
}

TEST_P(EndedRows, of_families_stay_while_something_below_names_them) {
  const auto native = make_native_app();
  const auto child = add_session(1000h, 1000h, {native.family.family_id, native.grant.grant_id, "t"});
  run([&](const Writer& w) { rts::revoke_family(w, native.family.family_id, false, now()); });
  clock_.advance(48h);
  EXPECT_EQ(sweep_all(), 0);
  run([&](const Writer& w) { sessions::revoke(w, child.session_id, now()); });
  clock_.advance(24h);
  EXPECT_EQ(sweep_all(), 4) << "the session, then the family, its token and its grant";
}

TEST_P(EndedRows, of_families_are_also_those_that_ended_with_what_stands_above) {
  const auto native = make_native_app();
  const auto session = add_session(1h, 1h);
  auto bound = sample_family(), below = sample_family();
  for (auto* family : {&bound, &below}) {
    family->user_id = sample_user().user_id;
    family->grant_id = native.grant.grant_id;
    family->expires_at = family->idle_expires_at = std::nullopt;
    family->ends_with_session = false;
    family->ancestry = {};
  }
  bound.ends_with_session = true;
  bound.session_id = session.session_id;
  below.ancestry = {native.family.family_id, native.grant.grant_id, "t"};
  run([&](const Writer& w) {
    rts::insert_family(w, bound);
    rts::insert_family(w, below);
    rts::revoke_family(w, native.family.family_id, true, now());
  });
  clock_.advance(26h);
  EXPECT_EQ(ended(Table::refresh_token_families), 1u) << "the parent has a child, the bound one a session";
  EXPECT_EQ(sweep_all(), 3) << "the session, and both families that ended with what stands above";
  EXPECT_FALSE(has(bound));
  EXPECT_FALSE(has(below));
}

TEST_P(EndedRows, of_refresh_tokens_are_the_spent_ones_that_could_not_be_used_any_more) {
  auto native = make_native_app();
  const auto successor = sample_refresh_token(native.family.family_id);
  run([&](const Writer& w) {
    rts::insert(w, successor, digest_of(2));
    EXPECT_TRUE(rts::consume(w, native.token.refresh_token_id, digest_of(1), successor.refresh_token_id, now()));
    rts::record_exchange(w, native.family.family_id, {.idle_expires_at = now() + 48h}, now());
  });
  clock_.advance(72h - 1us);
  EXPECT_EQ(ended(Table::refresh_tokens), 0u);
  clock_.advance(1us);
  EXPECT_EQ(ended(Table::refresh_tokens), 1u);
  EXPECT_EQ(sweep(Table::refresh_tokens), 1);
  EXPECT_TRUE(read([&](const Reader& r) { return rts::find(r, successor.refresh_token_id).has_value(); }));
  // A family that never goes idle remembers them for a year.
  run([&](const Writer& w) {
    EXPECT_TRUE(rts::consume(w, successor.refresh_token_id, digest_of(2), ids_.next(), now()));
    rts::record_exchange(w, native.family.family_id, {}, now());
  });
  clock_.advance(24h * 365);
  EXPECT_EQ(ended(Table::refresh_tokens), 0u);
  clock_.advance(24h);
  EXPECT_EQ(ended(Table::refresh_tokens), 1u);
}

TEST_P(EndedRows, of_grants_are_those_without_a_refresh_token) {
  const auto native = make_native_app();
  const auto bare = sample_grant();
  run([&](const Writer& w) { grants::insert(w, bare); });
  clock_.advance(24h + 1s);
  EXPECT_EQ(ended(Table::grants), 1u);
  EXPECT_EQ(sweep(Table::grants), 1);
  EXPECT_TRUE(write([&](const Writer& w) { return grants::lock_standing(w, native.grant.grant_id).has_value(); }));
}

TEST_P(EndedRows, are_found_page_by_page) {
  for (int k = 0; k < 5; ++k) add_session(1h, 1h);
  clock_.advance(26h);
  const auto page = read([&](const Reader& r) { return ended_rows::look(r, Table::sessions, {}, 3, now()); });
  EXPECT_EQ(page.looked_at, 3);
  EXPECT_EQ(page.ended.size(), 3u);
  EXPECT_EQ(page.last, page.ended.back());
  EXPECT_EQ(read([&](const Reader& r) { return ended_rows::look(r, Table::sessions, page.last, 3, now()); }).looked_at, 2);
}

// Sweeps, revocations and deletions of the same rows at once: each row goes once, and nobody waits for ever.
TEST_P(EndedRows, may_be_revoked_deleted_and_swept_at_once) {
  std::vector<model::Session> all;
  for (int k = 0; k < 200; ++k) all.push_back(add_session(1h, 1h));
  const auto live = add_session(1000h, 1000h);
  clock_.advance(26h);
  std::atomic<std::int64_t> removed = 0;
  winners([&](const Writer& w, int k) {
    if (k % 4 == 0) {
      for (std::size_t n = 0; n < all.size(); n += 10) sessions::revoke(w, all[n].session_id, now());
      return false;
    }
    if (k % 4 == 1) return sessions::revoke_of_user(w, live.user_id, now()) > 0;
    const auto from = static_cast<std::size_t>(k) * 3;
    const auto n = ended_rows::sweep(w, Table::sessions, all[from].session_id, all[from + 10].session_id, now());
    return n > 0;
  });
  removed = sweep(Table::sessions);
  EXPECT_LE(removed, 200);
  for (const auto& session : all) EXPECT_FALSE(has(session));
  EXPECT_TRUE(has(live));
}

}  // namespace
}  // namespace segue::store
