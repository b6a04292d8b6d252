// Who may still be used: a session by its own state, its user and its ancestors (design §4 "Revocation").
#include "contract/session_graph_fixture.h"
#include "sessions/live_session.h"

namespace segue::store {
namespace {

class SessionStanding : public SessionGraph {
 protected:
  enum class Parent { none, live, revoked, revoked_with_cascade, expired, missing, of_another_tenant };

  base::RowId make_grant(Parent state) {
    const auto grant = sample_grant();
    if (state == Parent::none) return {};
    if (state == Parent::missing) return grant.grant_id;
    run([&](const Writer& w) { grants::insert(w, grant); }, state == Parent::of_another_tenant ? kTwo : kOne);
    if (state == Parent::revoked || state == Parent::revoked_with_cascade) {
      run([&](const Writer& w) { grants::revoke(w, grant.grant_id, state == Parent::revoked_with_cascade, now()); });
    }
    return grant.grant_id;
  }
  base::RowId make_family(Parent state) {
    auto family = sample_family();
    if (state == Parent::none) return {};
    if (state == Parent::missing) return family.family_id;
    if (state == Parent::expired) family.expires_at = now();
    run([&](const Writer& w) { refresh_tokens::insert_family(w, family); }, state == Parent::of_another_tenant ? kTwo : kOne);
    if (state == Parent::revoked || state == Parent::revoked_with_cascade) {
      run([&](const Writer& w) {
        refresh_tokens::revoke_family(w, family.family_id, state == Parent::revoked_with_cascade, now());
      });
    }
    return family.family_id;
  }

  // A session that is live unless the test ends something.
  model::Session make_session(model::Ancestry ancestry = {}) {
    if (!user_made_) {
      EXPECT_EQ(write([&](const Writer& w) { return users::insert(w, sample_user()); }), users::Written::done);
      user_made_ = true;
    }
    auto out = sample_session();
    out.user_id = sample_user().user_id;
    out.password_epoch = sample_user().created_at;
    out.ancestry = std::move(ancestry);
    run([&](const Writer& w) { sessions::insert(w, out, digest_of(1)); });
    return out;
  }
  bool is_live(const model::Session& session, base::Instant at, int secret = 1, base::TenantId tenant = kOne) {
    const tenancy::PresentedHandle handle{.id = session.session_id, .secret_hash = digest_of(secret)};
    return write([&](const Writer& w) { return segue::sessions::lock_live(w, handle, at).has_value(); }, tenant);
  }
  bool is_live(const model::Session& session) { return is_live(session, now()); }
  bool is_live_by_id(const model::Session& session, base::TenantId tenant = kOne) {
    return write([&](const Writer& w) { return segue::sessions::is_live(w, session.session_id, now()); }, tenant);
  }

  bool user_made_ = false;
};
INSTANTIATE_TEST_SUITE_P(Engines, SessionStanding, ::testing::ValuesIn(every_place()), place_name);

TEST_P(SessionStanding, ancestors_let_a_record_live_unless_one_is_missing_or_was_revoked_with_cascade) {
  const std::vector<std::pair<Parent, bool>> states = {
      {Parent::none, true},    {Parent::live, true},     {Parent::revoked, true},           {Parent::revoked_with_cascade, false},
      {Parent::expired, true}, {Parent::missing, false}, {Parent::of_another_tenant, false}};
  for (const auto& [grant_state, grant_lives] : states) {
    for (const auto& [family_state, family_lives] : states) {
      const model::Ancestry ancestry{make_family(family_state), make_grant(grant_state), "transfer"};
      const bool expected = grant_lives && family_lives;
      const auto what = ::testing::Message()
                        << "grant " << static_cast<int>(grant_state) << ", family " << static_cast<int>(family_state);
      EXPECT_EQ(write([&](const Writer& w) { return segue::sessions::ancestors_live(w, ancestry, now()); }), expected) << what;
      const auto session = make_session(ancestry);
      EXPECT_EQ(is_live(session), expected) << what;
      EXPECT_EQ(is_live_by_id(session), expected) << what;
    }
  }
}

TEST_P(SessionStanding, a_live_session_opens_with_its_secret_in_its_tenant_only) {
  const auto session = make_session();
  EXPECT_TRUE(is_live(session));
  EXPECT_TRUE(is_live_by_id(session));
  EXPECT_FALSE(is_live(session, now(), 2));
  EXPECT_FALSE(is_live(session, now(), 1, kTwo));
  EXPECT_FALSE(is_live_by_id(session, kTwo));
  run([&](const Writer& w) { sessions::replace_secret(w, session.session_id, digest_of(2)); });
  EXPECT_FALSE(is_live(session));
  EXPECT_TRUE(is_live(session, now(), 2));
  auto unknown = session;
  unknown.session_id = ids_.next();
  EXPECT_FALSE(is_live(unknown));
}

TEST_P(SessionStanding, a_session_ends_at_its_end_at_its_idle_end_and_at_its_revocation) {
  const auto session = make_session();
  EXPECT_TRUE(is_live(session, session.idle_expires_at - base::Duration(1)));
  EXPECT_FALSE(is_live(session, session.idle_expires_at));
  auto touched = session;
  touched.idle_expires_at = session.expires_at + std::chrono::hours(1);
  run([&](const Writer& w) { sessions::touch(w, touched); });
  EXPECT_TRUE(is_live(session, session.expires_at - base::Duration(1)));
  EXPECT_FALSE(is_live(session, session.expires_at));
  run([&](const Writer& w) { sessions::revoke(w, session.session_id, now()); });
  EXPECT_FALSE(is_live(session));
  EXPECT_FALSE(is_live_by_id(session));
}

TEST_P(SessionStanding, a_session_ends_when_its_user_is_blocked) {
  const auto session = make_session();
  auto user = sample_user();
  user.blocked = true;
  EXPECT_EQ(write([&](const Writer& w) { return users::update(w, user); }), users::Written::done);
  EXPECT_FALSE(is_live(session));
  EXPECT_FALSE(is_live_by_id(session));
}

TEST_P(SessionStanding, a_session_ends_when_the_password_changes) {
  const auto session = make_session();
  clock_.advance(std::chrono::seconds(1));
  EXPECT_TRUE(write([&](const Writer& w) { return users::update_password(w, session.user_id, "hash", now()); }));
  EXPECT_FALSE(is_live(session));
}

TEST_P(SessionStanding, each_password_has_an_epoch_of_its_own_whatever_the_clock_says) {
  const auto epoch = [&] { return read([&](const Reader& r) { return users::find(r, sample_user().user_id); })->password_epoch; };
  for (const auto step : {std::chrono::seconds(1), std::chrono::seconds(0), std::chrono::seconds(-3600)}) {
    const auto session = make_session();
    clock_.advance(step);
    const auto before = epoch();
    EXPECT_TRUE(write([&](const Writer& w) { return users::update_password(w, session.user_id, "hash", now()); }));
    EXPECT_GT(epoch(), before);
    EXPECT_FALSE(is_live(session));
  }
}

TEST_P(SessionStanding, a_session_of_a_deleted_user_stays_dead_when_the_user_id_returns) {
  const auto session = make_session();
  EXPECT_TRUE(write([&](const Writer& w) { return users::delete_one(w, session.user_id, now()); }));
  EXPECT_FALSE(is_live(session));
  clock_.advance(std::chrono::seconds(1));
  EXPECT_EQ(write([&](const Writer& w) { return users::insert(w, sample_user()); }), users::Written::done);
  EXPECT_FALSE(is_live(session));
}

TEST_P(SessionStanding, deleting_a_user_revokes_with_cascade_what_the_user_holds_in_this_tenant_only) {
  const auto session = make_session();
  auto grant = sample_grant();
  auto family = sample_family();
  grant.user_id = family.user_id = session.user_id;
  for (const auto tenant : {kOne, kTwo}) {
    run(
        [&](const Writer& w) {
          grants::insert(w, grant);
          refresh_tokens::insert_family(w, family);
        },
        tenant);
  }
  EXPECT_TRUE(write([&](const Writer& w) { return users::delete_one(w, session.user_id, now()); }));
  for (const auto tenant : {kOne, kTwo}) {
    const bool mine = tenant == kOne;
    run(
        [&](const Writer& w) {
          EXPECT_EQ(grants::lock_standing(w, grant.grant_id)->revoked, mine);
          EXPECT_EQ(grants::lock_standing(w, grant.grant_id)->revocation_cascades, mine);
          EXPECT_EQ(refresh_tokens::lock_standing(w, family.family_id, now())->revoked, mine);
          EXPECT_EQ(refresh_tokens::lock_standing(w, family.family_id, now())->revocation_cascades, mine);
        },
        tenant);
  }
  EXPECT_EQ(read([&](const Reader& r) { return sessions::find(r, session.session_id); })->session.revoked_at, now());
}

}  // namespace
}  // namespace segue::store
