// What a revocation leaves to be done, the messages that it leads to, and the walk downwards (store/revocations.h,
// store/outbox.h, store/session_clients.h, store/descendants.h).
#include "store/revocations.h"

#include "contract/session_graph_fixture.h"
#include "store/connections.h"
#include "store/descendants.h"
#include "store/outbox.h"

namespace segue::store {
namespace {

using namespace std::chrono_literals;
namespace down = descendants;

struct Revocations : SessionGraph {
  template <class F>
  auto read_all(F f) {
    std::optional<decltype(f(std::declval<sql::Connection&>()))> out;
    store().database().read([&](sql::Connection& connection) { out.emplace(f(connection)); });
    return std::move(*out);
  }
  std::optional<revocations::Work> take(base::TenantId tenant = kOne) {
    return write([&](const Writer& w) { return revocations::take(w, now(), now() + 60s); }, tenant);
  }
  model::Session insert_session(std::string user_id = "ada", base::RowId parent = {}) {
    auto session = sample_session();
    session.user_id = std::move(user_id);
    session.ancestry.parent_family_id = parent;
    session.sid = "sid " + std::to_string(base::to_integer(session.session_id));
    run([&](const Writer& w) { sessions::insert(w, session, digest_of(1)); });
    return session;
  }
  model::RefreshTokenFamily insert_family(std::string user_id = "ada", base::RowId parent = {}) {
    auto family = sample_family();
    family.user_id = std::move(user_id);
    family.client_id = "native";
    family.ancestry.parent_family_id = parent;
    family.public_id = "family " + std::to_string(base::to_integer(family.family_id));
    run([&](const Writer& w) { rts::insert_family(w, family); });
    return family;
  }
};

TEST_P(Revocations, work_is_taken_once_until_its_lease_ends_or_it_is_finished) {
  run([&](const Writer& w) { revocations::insert_session(w, base::RowId{7}, "rp-logout", now()); });
  EXPECT_EQ(read_all([&](auto& c) { return revocations::find_tenant_due(c, now()); }), kOne);
  EXPECT_FALSE(take(kTwo));
  const auto work = take();
  ASSERT_TRUE(work);
  EXPECT_EQ(work->root, revocations::Root::session);
  EXPECT_EQ(work->root_id, base::RowId{7});
  EXPECT_EQ(work->initiator, "rp-logout");
  EXPECT_EQ(work->revoked_at, now());
  EXPECT_FALSE(take());
  EXPECT_FALSE(read_all([&](auto& c) { return revocations::find_tenant_due(c, now()); }));
  run([&](const Writer& w) { revocations::keep(w, work->revocation_id, now() + 2min); });
  clock_.advance(90s);
  EXPECT_FALSE(take());
  clock_.advance(30s);
  EXPECT_TRUE(take());  // its taker died
  run([&](const Writer& w) { revocations::finish(w, work->revocation_id); }, kTwo);
  clock_.advance(60s);
  EXPECT_TRUE(take());
  run([&](const Writer& w) { revocations::finish(w, work->revocation_id); });
  clock_.advance(60s);
  EXPECT_FALSE(take());
}

TEST_P(Revocations, one_of_many_nodes_takes_a_piece_of_work) {
  run([&](const Writer& w) { revocations::insert_user(w, "ada", "account-deleted", now()); });
  EXPECT_EQ(winners([&](const Writer& w, int) { return revocations::take(w, now(), now() + 60s).has_value(); }), 1);
}

TEST_P(Revocations, every_marking_leaves_one_row_and_a_second_marking_none) {
  const auto session = insert_session();
  const auto family = insert_family();
  run([&](const Writer& w) {
    EXPECT_TRUE(sessions::revoke(w, session.session_id, now(), "rp-logout"));
    EXPECT_FALSE(sessions::revoke(w, session.session_id, now()));
    EXPECT_TRUE(rts::revoke_family(w, family.family_id, true, now()));
    EXPECT_FALSE(rts::revoke_family(w, family.family_id, true, now()));
  });
  EXPECT_EQ(take()->root_id, session.session_id);
  const auto second = take();
  EXPECT_EQ(second->root, revocations::Root::family);
  EXPECT_EQ(second->root_id, family.family_id);
  EXPECT_FALSE(take());
}

TEST_P(Revocations, a_grant_leads_to_its_families) {
  auto grant = sample_grant();
  grant.user_id = "ada";
  grant.client_id = "native";
  auto family = sample_family();
  family.grant_id = grant.grant_id;
  family.user_id = "ada";
  family.client_id = "native";
  run([&](const Writer& w) {
    grants::insert(w, grant);
    rts::insert_family(w, family);
    EXPECT_TRUE(grants::revoke(w, grant.grant_id, true, now()));
    EXPECT_FALSE(grants::revoke(w, grant.grant_id, true, now()));
  });
  const auto work = take();
  ASSERT_TRUE(work);
  EXPECT_EQ(work->root, revocations::Root::grant);
  EXPECT_EQ(work->root_id, grant.grant_id);
  EXPECT_FALSE(take());
  const auto families = [&](base::TenantId tenant) {
    return read([&](const Reader& r) { return down::list_families_of_grant(r, grant.grant_id); }, tenant);
  };
  ASSERT_EQ(families(kOne).size(), 1u);
  EXPECT_EQ(families(kOne)[0].family_id, family.family_id);
  EXPECT_TRUE(families(kTwo).empty());
}

TEST_P(Revocations, what_ends_nothing_else_leaves_nothing) {
  const auto lonely = insert_family();
  run([&](const Writer& w) {
    rts::revoke_family(w, lonely.family_id, false, now());  // its children survive
    rts::revoke_families_at(w, "nobody", "native", true, now());
    EXPECT_EQ(sessions::revoke_of_user(w, "nobody", now()), 0);
    users::end_sessions(w, "nobody", now());
  });
  EXPECT_FALSE(take());
}

TEST_P(Revocations, a_session_that_is_replaced_leaves_nothing_and_is_found_below_its_successor) {
  const auto old = insert_session();
  const auto successor = insert_session();
  run([&](const Writer& w) { sessions::replace(w, old.session_id, successor.session_id, now()); });
  EXPECT_FALSE(take());
  EXPECT_TRUE(read([&](const Reader& r) { return sessions::find(r, old.session_id)->session.revoked_at; }));
  EXPECT_EQ(read([&](const Reader& r) { return down::list_replaced(r, successor.session_id); }),
            std::vector<base::RowId>{old.session_id});
  EXPECT_TRUE(read([&](const Reader& r) { return down::list_replaced(r, successor.session_id); }, kTwo).empty());
}

TEST_P(Revocations, the_sessions_of_a_family_are_walked_in_pages_and_marked_by_range) {
  const auto family = insert_family();
  std::vector<base::RowId> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(insert_session("ada", family.family_id).session_id);
  insert_session();  // of nobody's
  const auto page = [&](base::RowId after, base::TenantId tenant = kOne) {
    std::vector<base::RowId> out;
    for (const auto& session :
         read([&](const Reader& r) { return down::list_sessions_of_family(r, family.family_id, after, 3); }, tenant))
      out.push_back(session.session_id);
    return out;
  };
  EXPECT_EQ(page({}), (std::vector<base::RowId>{ids[0], ids[1], ids[2]}));
  EXPECT_EQ(page(ids[2]), (std::vector<base::RowId>{ids[3], ids[4]}));
  EXPECT_TRUE(page({}, kTwo).empty());
  run([&](const Writer& w) { down::mark_sessions_of_family(w, family.family_id, ids[0], ids[2], now()); }, kTwo);
  EXPECT_EQ(page({}).size(), 3u);
  run([&](const Writer& w) { down::mark_sessions_of_family(w, family.family_id, ids[0], ids[2], now()); });
  EXPECT_EQ(page({}), (std::vector<base::RowId>{ids[3], ids[4]}));
}

TEST_P(Revocations, families_are_found_by_session_by_parent_and_by_user) {
  const auto session = insert_session();
  const auto parent = insert_family();
  auto in_session = sample_family();
  in_session.public_id = "in session";
  in_session.session_id = session.session_id;
  in_session.ends_with_session = true;
  auto survivor = in_session;
  survivor.family_id = ids_.next();
  survivor.public_id = "survivor";
  survivor.ends_with_session = false;
  run([&](const Writer& w) {
    rts::insert_family(w, in_session);
    rts::insert_family(w, survivor);
  });
  const auto child = insert_family("ada", parent.family_id);
  const auto of_session = [&](base::TenantId tenant) {
    return read([&](const Reader& r) { return down::list_families_of_session(r, session.session_id); }, tenant);
  };
  ASSERT_EQ(of_session(kOne).size(), 1u);
  EXPECT_EQ(of_session(kOne)[0].family_id, in_session.family_id);
  EXPECT_TRUE(of_session(kTwo).empty());
  const auto below = insert_family("ada", in_session.family_id);
  const auto roots_of_session = [&](base::TenantId tenant) {
    return read([&](const Reader& r) { return down::list_roots_of_session(r, session.session_id); }, tenant);
  };
  EXPECT_TRUE(roots_of_session(kOne).empty());
  run([&](const Writer& w) { down::mark_family(w, in_session.family_id, true, now()); });
  ASSERT_EQ(roots_of_session(kOne).size(), 1u);
  EXPECT_EQ(roots_of_session(kOne)[0].family_id, in_session.family_id);
  EXPECT_TRUE(roots_of_session(kTwo).empty());
  const auto of_family = [&](base::TenantId tenant) {
    return read([&](const Reader& r) { return down::list_families_of_family(r, parent.family_id, {}, 10); }, tenant);
  };
  ASSERT_EQ(of_family(kOne).size(), 1u);
  EXPECT_EQ(of_family(kOne)[0].client_id, "native");
  EXPECT_TRUE(of_family(kTwo).empty());
  const auto roots = [&](base::TenantId tenant) {
    return read([&](const Reader& r) { return down::list_roots_of_user(r, "ada", now(), {}, 10); }, tenant);
  };
  EXPECT_TRUE(roots(kOne).empty());
  run([&](const Writer& w) {
    down::mark_family(w, parent.family_id, true, now());
    down::mark_family(w, child.family_id, true, now());
  });
  ASSERT_EQ(roots(kOne).size(), 1u);  // nothing grew from the child
  EXPECT_EQ(roots(kOne)[0].family_id, parent.family_id);
  EXPECT_TRUE(roots(kTwo).empty());
}

TEST_P(Revocations, the_sessions_of_a_user_are_those_that_were_revoked_then_or_later) {
  const auto before = insert_session();
  run([&](const Writer& w) { sessions::revoke(w, before.session_id, now()); });
  clock_.advance(1s);
  const auto session = insert_session();
  insert_session("bob");
  run([&](const Writer& w) { sessions::revoke_of_user(w, "ada", now()); });
  const auto found = read([&](const Reader& r) { return down::list_sessions_of_user(r, "ada", now(), {}, 10); });
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].session_id, session.session_id);
  EXPECT_EQ(found[0].sid, session.sid);
  EXPECT_TRUE(read([&](const Reader& r) { return down::list_sessions_of_user(r, "ada", now(), {}, 10); }, kTwo).empty());
  EXPECT_EQ(read([&](const Reader& r) { return down::find_session(r, session.session_id); })->user_id, "ada");
  EXPECT_FALSE(read([&](const Reader& r) { return down::find_session(r, session.session_id); }, kTwo));
}

TEST_P(Revocations, a_relying_party_is_claimed_once_by_whoever_comes_first) {
  const auto session = insert_session();
  run([&](const Writer& w) {
    session_clients::record(w, session.session_id, "web", "transfer", {.domain = "login.example"}, now());
  });
  const auto untold = read([&](const Reader& r) { return session_clients::list_untold(r, session.session_id); });
  ASSERT_EQ(untold.size(), 1u);
  EXPECT_EQ(untold[0].client_id, "web");
  EXPECT_EQ(untold[0].transfer_id, "transfer");
  EXPECT_EQ(untold[0].domain, "login.example");
  EXPECT_TRUE(read([&](const Reader& r) { return session_clients::list_untold(r, session.session_id); }, kTwo).empty());
  EXPECT_FALSE(write([&](const Writer& w) { return session_clients::claim(w, session.session_id, "web", now()); }, kTwo));
  EXPECT_EQ(winners([&](const Writer& w, int) { return session_clients::claim(w, session.session_id, "web", now()); }), 1);
  EXPECT_TRUE(read([&](const Reader& r) { return session_clients::list_untold(r, session.session_id); }).empty());
}

TEST_P(Revocations, sessions_are_looked_at_when_a_relying_party_asked_for_it) {
  const auto session = insert_session();
  run([&](const Writer& w) {
    session_clients::record(w, session.session_id, "silent", "", {}, now());
    session_clients::record(w, session.session_id, "web", "", {}, now());
    session_clients::record(w, session.session_id, "web", "", {.look_at = now() + 1h}, now());  // it has begun to ask
  });
  const auto looks = [&](base::TenantId tenant = kOne) {
    return read([&](const Reader& r) { return session_clients::list_looks(r, now(), 10); }, tenant);
  };
  EXPECT_TRUE(looks().empty());
  clock_.advance(1h);
  ASSERT_EQ(looks().size(), 1u);
  EXPECT_EQ(looks()[0].client_id, "web");
  EXPECT_EQ(looks()[0].idle_expires_at, session.idle_expires_at);
  EXPECT_FALSE(looks()[0].revoked);
  EXPECT_TRUE(looks(kTwo).empty());
  run([&](const Writer& w) { session_clients::set_look(w, session.session_id, "web", std::nullopt); }, kTwo);
  EXPECT_EQ(looks().size(), 1u);
  run([&](const Writer& w) { session_clients::set_look(w, session.session_id, "web", now() + 1h); });
  EXPECT_TRUE(looks().empty());
}

TEST_P(Revocations, messages_are_taken_by_receiver_and_come_back_when_their_lease_ends) {
  run([&](const Writer& w) {
    for (const auto* receiver : {"b", "a", "b"}) outbox::insert(w, receiver, "{}", "transfer", now());
  });
  run([&](const Writer& w) { outbox::insert(w, "a", "{}", "", now()); }, kTwo);
  const auto walk = [&] {
    return read_all([&](sql::Connection& c) {
      std::vector<std::string> out;
      for (auto next = outbox::next_receiver(c, {}); next; next = outbox::next_receiver(c, *next))
        out.push_back(std::to_string(base::to_integer(next->tenant)) + next->receiver + (next->due_at <= now() ? "" : " later"));
      return out;
    });
  };
  EXPECT_EQ(walk(), (std::vector<std::string>{"1a", "1b", "2a"}));
  const auto take = [&](std::string_view receiver, base::TenantId tenant = kOne) {
    return write([&](const Writer& w) { return outbox::take(w, receiver, 10, now(), now() + 30s); }, tenant);
  };
  EXPECT_TRUE(take("b", kTwo).empty());
  auto messages = take("b");
  ASSERT_EQ(messages.size(), 2u);
  EXPECT_EQ(messages[0].attempts, 1);
  EXPECT_EQ(messages[0].payload, "{}");
  EXPECT_EQ(messages[0].transfer_id, "transfer");
  EXPECT_EQ(messages[0].created_at, now());
  EXPECT_LT(messages[0].outbox_id, messages[1].outbox_id);
  EXPECT_TRUE(take("b").empty());
  EXPECT_EQ(walk(), (std::vector<std::string>{"1a", "1b later", "2a"}));

  run([&](const Writer& w) { outbox::remove(w, messages[0].outbox_id); }, kTwo);
  run([&](const Writer& w) { outbox::give_back(w, messages[1].outbox_id, now()); });
  messages = take("b");
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].attempts, 1);
  run([&](const Writer& w) { outbox::postpone(w, messages[0].outbox_id, now() + 1h); });
  clock_.advance(30s);
  messages = take("b");
  ASSERT_EQ(messages.size(), 1u);  // the one whose sender died
  EXPECT_EQ(messages[0].attempts, 2);
  run([&](const Writer& w) { outbox::remove(w, messages[0].outbox_id); });

  const auto backlog = read_all([](sql::Connection& c) { return outbox::backlog(c); });
  EXPECT_EQ(backlog.messages, 3);
  EXPECT_EQ(backlog.oldest, now() - 30s);
  EXPECT_TRUE(read([&](const Reader& r) { return outbox::list_older(r, now() - 1h, 10); }).empty());
  EXPECT_EQ(read([&](const Reader& r) { return outbox::list_older(r, now() + 1s, 10); }).size(), 2u);
  EXPECT_EQ(read([&](const Reader& r) { return outbox::list_older(r, now() + 1s, 10); }, kTwo).size(), 1u);
}

TEST_P(Revocations, one_of_many_senders_takes_a_message) {
  run([&](const Writer& w) { outbox::insert(w, "web", "{}", "", now()); });
  EXPECT_EQ(winners([&](const Writer& w, int) { return !outbox::take(w, "web", 10, now(), now() + 30s).empty(); }), 1);
}

INSTANTIATE_TEST_SUITE_P(Store, Revocations, testing::ValuesIn(every_place()), place_name);

}  // namespace
}  // namespace segue::store
