// Revocation against use, in both orders (design §8.6). On PostgreSQL the two transactions overlap; SQLite's single writer is the
// lock.
#include "contract/session_graph_fixture.h"
#include "sessions/live_session.h"

namespace segue::store {
namespace {

constexpr sql::Statement kWaiting{"test.waiting", "select 1", R"sql(
    select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' limit 1)sql"};

class RevocationAgainstUse : public SessionGraph {
 protected:
  struct Pair {
    std::string what;
    std::function<bool(const Writer&)> use;  // whether it may be used
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
    const auto later = now() + std::chrono::seconds(1);
    return {
        {"grant", [=](const Writer& w) { return !grants::lock_standing(w, app.grant.grant_id)->revoked; },
         [=](const Writer& w) { grants::revoke(w, app.grant.grant_id, false, later); }},
        {"family, used by a refresh", [=](const Writer& w) { return !refresh_tokens::lock_family(w, locked)->revoked_at; },
         [=](const Writer& w) { refresh_tokens::revoke_family(w, locked, true, later); }},
        {"family, used by a session that grew from it",
         [=](const Writer& w) { return segue::sessions::is_live(w, born.session_id, later); },
         [=](const Writer& w) { refresh_tokens::revoke_family(w, standing, true, later); }},
        {"cookie secret",
         [=](const Writer& w) {
           return segue::sessions::lock_live(w, {.id = session.session_id, .secret_hash = digest_of(1)}, later).has_value();
         },
         [=](const Writer& w) { sessions::replace_secret(w, session.session_id, digest_of(2)); }},
        {"session", [=](const Writer& w) { return segue::sessions::is_live(w, session.session_id, later); },
         [=](const Writer& w) { sessions::revoke(w, session.session_id, later); }},
        {"password",
         [=](const Writer& w) { return users::lock_standing(w, app.grant.user_id)->password_epoch == session.password_epoch; },
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
