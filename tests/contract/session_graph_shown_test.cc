// What the Management API reads of sessions and refresh tokens, and what it ends (contract §6).
#include "contract/session_graph_fixture.h"
#include "contract/session_graph_text.h"

namespace segue::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Keyset kAll{.after = "", .take = 100};

class ShownSessionGraph : public SessionGraph {
 protected:
  // Live records of sample_user(): nothing above them has ended.
  model::Session make_session(const std::string& sid) {
    auto out = sample_session();
    out.sid = sid;
    out.user_id = sample_user().user_id;
    out.password_epoch = epoch_;
    out.ancestry = {};
    run([&](const Writer& w) { sessions::insert(w, out, digest_of(1)); });
    return out;
  }
  model::RefreshTokenFamily make_family(const std::string& public_id, const model::Session& session, bool ends_with_session) {
    auto grant = sample_grant();
    auto out = sample_family();
    out.online = false;
    out.public_id = public_id;
    out.user_id = grant.user_id = sample_user().user_id;
    out.client_id = grant.client_id = public_id.substr(0, 1);
    out.grant_id = grant.grant_id;
    out.session_id = session.session_id;
    out.ends_with_session = ends_with_session;
    out.ancestry = grant.ancestry = {};
    run([&](const Writer& w) {
      grants::insert(w, grant);
      rts::insert_family(w, out);
    });
    return out;
  }
  void SetUp() override {
    SessionGraph::SetUp();
    ASSERT_EQ(write([&](const Writer& w) { return users::insert(w, sample_user()); }), users::Written::done);
    epoch_ = write([&](const Writer& w) { return users::lock_standing(w, sample_user().user_id)->password_epoch; });
  }
  std::vector<std::string> sids(base::Instant at, const Keyset& keyset = kAll, base::TenantId tenant = kOne) {
    return read(
        [&](const Reader& r) {
          std::vector<std::string> out;
          for (const auto& shown : sessions::list_shown(r, sample_user().user_id, at, keyset)) out.push_back(shown.session.sid);
          return out;
        },
        tenant);
  }
  std::vector<std::string> family_ids(base::Instant at, const std::string& client_id = "", const Keyset& keyset = kAll,
                                      base::TenantId tenant = kOne) {
    return read(
        [&](const Reader& r) {
          std::vector<std::string> out;
          for (const auto& shown : rts::list_shown(r, sample_user().user_id, client_id, at, keyset))
            out.push_back(shown.family.public_id);
          return out;
        },
        tenant);
  }

  base::Instant epoch_{};
};
INSTANTIATE_TEST_SUITE_P(Engines, ShownSessionGraph, ::testing::ValuesIn(every_place()), place_name);

TEST_P(ShownSessionGraph, a_session_is_found_by_its_public_id_with_its_metadata_in_its_own_tenant) {
  const auto session = make_session("s1");
  const json::object metadata{{"desk", "7"}, {"Grüße", "世界"}};
  run([&](const Writer& w) { sessions::set_metadata(w, session.session_id, metadata); });
  run([&](const Writer& w) { sessions::set_metadata(w, session.session_id, {}); }, kTwo);
  const auto found = read([&](const Reader& r) { return sessions::find_shown(r, "s1", now()); });
  ASSERT_TRUE(found);
  EXPECT_EQ(text_of(found->session), text_of(session));
  EXPECT_EQ(found->metadata, metadata);
  EXPECT_FALSE(read([&](const Reader& r) { return sessions::find_shown(r, "s1", now()); }, kTwo));
  EXPECT_FALSE(read([&](const Reader& r) { return sessions::find_shown(r, "s2", now()); }));
}

TEST_P(ShownSessionGraph, the_methods_of_a_session_are_changed_in_its_own_tenant) {
  const auto session = make_session("s1");
  const std::vector<model::AuthenticationMethod> methods = {{"pwd", now()}, {"https://site.example/face@2 x", now()}};
  run([&](const Writer& w) { sessions::set_methods(w, session.session_id, methods); });
  run([&](const Writer& w) { sessions::set_methods(w, session.session_id, {}); }, kTwo);
  const auto found = read([&](const Reader& r) { return sessions::find(r, session.session_id); });
  ASSERT_EQ(found->session.methods.size(), 2u);
  EXPECT_EQ(found->session.methods[1].name, "https://site.example/face@2 x");
}

TEST_P(ShownSessionGraph, sessions_are_listed_page_by_page_as_long_as_they_live) {
  for (const auto* sid : {"c", "a", "b"}) make_session(sid);
  EXPECT_THAT(sids(now()), ElementsAre("a", "b", "c"));
  EXPECT_THAT(sids(now(), {.after = "a", .take = 1}), ElementsAre("b"));
  EXPECT_THAT(sids(now(), kAll, kTwo), IsEmpty());
  EXPECT_THAT(sids(now() + std::chrono::hours(72)), IsEmpty());  // idle
}

TEST_P(ShownSessionGraph, a_session_below_a_revoked_parent_is_shown_only_where_the_revocation_does_not_cascade) {
  const auto root = make_session("root");
  for (const bool cascades : {false, true}) {
    const std::string sid = cascades ? "below cascading" : "below staying";
    const auto parent = make_family(sid, root, false);
    auto child = sample_session();
    child.sid = sid;
    child.user_id = parent.user_id;
    child.password_epoch = epoch_;
    child.ancestry = {parent.family_id, parent.grant_id, "t"};
    run([&](const Writer& w) {
      sessions::insert(w, child, digest_of(2));
      rts::revoke_family(w, parent.family_id, cascades, now());
    });
  }
  EXPECT_THAT(sids(now()), ElementsAre("below staying", "root"));
}

TEST_P(ShownSessionGraph, a_users_sessions_end_together_and_nobody_elses) {
  make_session("a");
  make_session("b");
  EXPECT_EQ(write([&](const Writer& w) { return sessions::revoke_of_user(w, sample_user().user_id, now()); }, kTwo), 0);
  EXPECT_EQ(write([&](const Writer& w) { return sessions::revoke_of_user(w, "auth0|bob", now()); }), 0);
  EXPECT_THAT(sids(now()), ElementsAre("a", "b"));
  EXPECT_EQ(write([&](const Writer& w) { return sessions::revoke_of_user(w, sample_user().user_id, now()); }), 2);
  EXPECT_THAT(sids(now()), IsEmpty());
}

TEST_P(ShownSessionGraph, the_clients_of_a_session_stand_in_the_order_of_their_sign_in) {
  const auto session = make_session("a");
  run([&](const Writer& w) {
    session_clients::record(w, session.session_id, "second", "", {}, now() + std::chrono::seconds(1));
    session_clients::record(w, session.session_id, "first", "", {}, now());
  });
  const auto clients = [&](base::TenantId tenant) {
    return read([&](const Reader& r) { return sessions::list_clients(r, session.session_id); }, tenant);
  };
  EXPECT_THAT(clients(kOne), ElementsAre("first", "second"));
  EXPECT_THAT(clients(kTwo), IsEmpty());
}

TEST_P(ShownSessionGraph, a_family_is_found_by_its_public_id_with_its_metadata_in_its_own_tenant) {
  const auto family = make_family("a1", make_session("s"), false);
  const json::object metadata{{"desk", "7"}};
  run([&](const Writer& w) { rts::set_metadata(w, family.family_id, metadata); });
  run([&](const Writer& w) { rts::set_metadata(w, family.family_id, {}); }, kTwo);
  const auto found = read([&](const Reader& r) { return rts::find_shown(r, "a1", now()); });
  ASSERT_TRUE(found);
  EXPECT_EQ(text_of(found->family), text_of(family));
  EXPECT_EQ(found->metadata, metadata);
  EXPECT_FALSE(read([&](const Reader& r) { return rts::find_shown(r, "a1", now()); }, kTwo));
}

TEST_P(ShownSessionGraph, families_are_listed_by_client_and_page_as_long_as_they_live) {
  const auto session = make_session("s");
  make_family("a1", session, false);
  make_family("b1", session, true);
  make_family("a2", session, false);
  EXPECT_THAT(family_ids(now()), ElementsAre("a1", "a2", "b1"));
  EXPECT_THAT(family_ids(now(), "a"), ElementsAre("a1", "a2"));
  EXPECT_THAT(family_ids(now(), "", {.after = "a1", .take = 1}), ElementsAre("a2"));
  EXPECT_THAT(family_ids(now(), "", kAll, kTwo), IsEmpty());
  EXPECT_THAT(read([&](const Reader& r) { return rts::list_clients_of_user(r, sample_user().user_id); }), ElementsAre("a", "b"));
  EXPECT_THAT(read([&](const Reader& r) { return rts::list_clients_of_user(r, sample_user().user_id); }, kTwo), IsEmpty());
  EXPECT_THAT(family_ids(now() + std::chrono::hours(24)), IsEmpty());  // idle
  // What ends with its session is gone with it.
  EXPECT_TRUE(write([&](const Writer& w) { return sessions::revoke(w, session.session_id, now()); }));
  EXPECT_THAT(family_ids(now()), ElementsAre("a1", "a2"));
}

TEST_P(ShownSessionGraph, families_end_by_client_and_by_session_and_only_in_their_tenant) {
  const auto one = make_session("one"), two = make_session("two");
  make_family("a1", one, false);
  make_family("a2", two, false);
  make_family("b1", one, false);
  const auto user = sample_user().user_id;
  run([&](const Writer& w) { rts::revoke_families_at(w, user, "a", true, now()); }, kTwo);
  run([&](const Writer& w) { rts::revoke_families_in(w, user, "a", one.session_id, true, now()); }, kTwo);
  run([&](const Writer& w) { rts::revoke_families_in(w, "auth0|bob", "a", one.session_id, true, now()); });
  EXPECT_THAT(family_ids(now()), ElementsAre("a1", "a2", "b1"));
  run([&](const Writer& w) { rts::revoke_families_in(w, user, "a", one.session_id, true, now()); });
  EXPECT_THAT(family_ids(now()), ElementsAre("a2", "b1"));
  run([&](const Writer& w) { rts::revoke_families_at(w, user, "a", true, now()); });
  EXPECT_THAT(family_ids(now()), ElementsAre("b1"));
}

TEST_P(ShownSessionGraph, an_online_refresh_token_is_named_for_what_it_is_and_shown_nowhere) {
  const auto session = make_session("sid");
  make_family("a-offline", session, true);
  auto online = sample_family();
  online.public_id = "a-online";
  online.user_id = sample_user().user_id;
  run([&](const Writer& w) { rts::insert_family(w, online); });
  EXPECT_THAT(family_ids(now()), ElementsAre("a-offline"));
  run([&](const Writer& w) {
    EXPECT_FALSE(rts::find_shown(w, "a-online", now()));
    EXPECT_TRUE(rts::names_online(w, "a-online"));
    EXPECT_FALSE(rts::names_online(w, "a-offline"));
    EXPECT_FALSE(rts::names_online(w, "nothing"));
  });
  run([&](const Writer& w) { EXPECT_FALSE(rts::names_online(w, "a-online")); }, kTwo);
}

TEST_P(ShownSessionGraph, what_lies_beyond_a_number_is_the_oldest_of_what_lives_at_one_client) {
  auto session = make_session("live");
  auto ended = make_session("ended");
  std::vector<base::RowId> ids;
  const auto add = [&](auto change) {
    auto family = sample_family();
    family.user_id = sample_user().user_id;
    family.client_id = "a";
    family.session_id = session.session_id;
    family.expires_at.reset();
    change(family);
    run([&](const Writer& w) { rts::insert_family(w, family); });
    return family.family_id;
  };
  const auto beyond = [&](std::int64_t kept, base::TenantId tenant = kOne) {
    return read([&](const Reader& r) { return rts::list_beyond(r, sample_user().user_id, "a", kept, now()); }, tenant);
  };
  for (int i = 0; i < 3; ++i) ids.push_back(add([](auto&) {}));
  add([&](auto& f) { f.client_id = "b"; });
  add([&](auto& f) { f.user_id = "auth0|other"; });
  add([&](auto& f) { f.expires_at = now(); });
  add([&](auto& f) { f.idle_expires_at = now(); });
  const auto revoked = add([](auto&) {});
  add([&](auto& f) { f.session_id = ended.session_id; });
  ids.push_back(add([&](auto& f) { f.session_id = ended.session_id, f.ends_with_session = false; }));
  run([&](const Writer& w) {
    rts::revoke_family(w, revoked, true, now());
    sessions::revoke(w, ended.session_id, now());
  });
  EXPECT_THAT(beyond(0), ElementsAre(ids[0], ids[1], ids[2], ids[3]));
  EXPECT_THAT(beyond(2), ElementsAre(ids[0], ids[1]));
  EXPECT_THAT(beyond(4), IsEmpty());
  EXPECT_THAT(beyond(0, kTwo), IsEmpty());
}

TEST_P(ShownSessionGraph, refresh_tokens_come_in_pages_by_user_client_and_kind) {
  const auto session = make_session("sid");
  for (const auto* id : {"a-1", "a-2", "b-1"}) make_family(id, session, false);
  const auto page = [&](const rts::Filter& filter, const Offset& offset = {}, base::TenantId tenant = kOne) {
    return read(
        [&](const Reader& r) {
          std::vector<std::string> out;
          for (const auto& shown : rts::list_page(r, filter, now(), offset)) out.push_back(shown.family.public_id);
          return out;
        },
        tenant);
  };
  const auto count = [&](const rts::Filter& filter, base::TenantId tenant = kOne) {
    return read([&](const Reader& r) { return rts::count(r, filter, now()); }, tenant);
  };
  const auto user = sample_user().user_id;
  for (const auto& whose : {user, std::string()}) {
    EXPECT_THAT(page({.user_id = whose}), ElementsAre("a-1", "a-2", "b-1")) << whose;
    EXPECT_THAT(page({.user_id = whose, .client_id = "a"}), ElementsAre("a-1", "a-2")) << whose;
    EXPECT_THAT(page({.user_id = whose}, {.page = 1, .per_page = 2}), ElementsAre("b-1")) << whose;
    EXPECT_THAT(page({.user_id = whose, .rotating = true}), ElementsAre("a-1", "a-2", "b-1")) << whose;
    EXPECT_THAT(page({.user_id = whose, .rotating = false}), IsEmpty()) << whose;
    EXPECT_EQ(count({.user_id = whose, .client_id = "a", .rotating = true}), 2) << whose;
    EXPECT_THAT(page({.user_id = whose}, {}, kTwo), IsEmpty()) << whose;
    EXPECT_EQ(count({.user_id = whose}, kTwo), 0) << whose;
  }
  EXPECT_THAT(page({.user_id = "auth0|other"}), IsEmpty());
  EXPECT_EQ(count({.user_id = "auth0|other"}), 0);
}

}  // namespace
}  // namespace segue::store
