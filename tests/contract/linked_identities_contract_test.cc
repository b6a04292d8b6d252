// Identities that are linked to a user, as rows, on both engines: whole, once, and each for its tenant only.
#include "contract/session_graph_fixture.h"
#include "store/connections.h"
#include "store/email_tickets.h"
#include "store/identities.h"
#include "store/password_tickets.h"
#include "store/stats.h"

namespace segue::store {
namespace {

using namespace std::chrono_literals;
using identities::Linked;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Optional;
using Ids = std::vector<std::string>;

constexpr sql::Statement kLiveSessions{
    "test.live_sessions", "select count(*) from sessions where tenant_id = $1 and user_id = $2 and revoked_at is null"};

class LinkedIdentities : public SessionGraph {
 protected:
  void add(const std::string& user_id, const std::string& connection_id = "con_1", base::TenantId tenant = kOne) {
    clock_.advance(1s);
    auto user = sample_user(user_id);
    user.connection_id = connection_id;
    user.username = user_id + " name";
    user.email_verified = true;
    user.password_hash = "hash of " + user_id;
    user.profile = {{"name", user_id}};
    user.last_login = now();
    ASSERT_EQ(write([&](const Writer& w) { return users::insert(w, user); }, tenant), users::Written::done);
  }
  Linked link(const std::string& user_id, const std::string& identity_id, base::TenantId tenant = kOne) {
    return write([&](const Writer& w) { return identities::link(w, user_id, identity_id, now()); }, tenant);
  }
  bool unlink(const std::string& user_id, const std::string& identity_id, base::TenantId tenant = kOne) {
    return write([&](const Writer& w) { return identities::unlink(w, user_id, identity_id, now()); }, tenant);
  }
  std::optional<model::User> user(const std::string& user_id) {
    return read([&](const Reader& r) { return users::find(r, user_id); });
  }
  std::optional<model::User> row(const std::string& user_id) {
    return read([&](const Reader& r) { return identities::find(r, user_id); });
  }
  Ids linked_to(const std::string& user_id) {
    Ids out;
    const auto found = user(user_id);
    for (const auto& each : found ? found->linked : std::vector<model::LinkedIdentity>()) out.push_back(each.user_id);
    return out;
  }
  static Ids ids(const std::vector<model::User>& list) {
    Ids out;
    for (const auto& each : list) out.push_back(each.user_id);
    return out;
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, LinkedIdentities, ::testing::ValuesIn(every_place()), place_name);

TEST_P(LinkedIdentities, are_shown_with_their_user_and_keep_what_they_sign_in_with) {
  add("a");
  add("b", "con_2");
  const auto before = row("b").value();
  ASSERT_EQ(link("a", "b"), Linked::done);
  const auto a = user("a").value();
  ASSERT_EQ(a.linked.size(), 1u);
  const auto& shown = a.linked.front();
  EXPECT_EQ(shown.user_id, "b");
  EXPECT_EQ(shown.connection_id, "con_2");
  EXPECT_EQ(shown.email, "b@example.com");
  EXPECT_EQ(shown.username, "b name");
  EXPECT_TRUE(shown.email_verified);
  EXPECT_EQ(shown.profile, before.profile);
  const auto b = row("b").value();
  EXPECT_EQ(b.linked_to, "a");
  EXPECT_EQ(b.subject(), "a");
  EXPECT_EQ(b.password_hash, before.password_hash);
  EXPECT_GT(b.password_epoch, before.password_epoch) << "what the user held is dead, also when they are one again";
  read([&](const Reader& r) {
    EXPECT_EQ(users::find_by_identifier(r, "con_2", "B@example.com")->subject(), "a");
    EXPECT_EQ(identities::find_subject(r, b)->user_id, "a");
    EXPECT_EQ(identities::find_subject(r, a)->user_id, "a");
    return 0;
  });
  auto another = sample_user("c");
  another.connection_id = "con_2";
  another.email = "B@Example.com";
  EXPECT_EQ(write([&](const Writer& w) { return users::insert(w, another); }), users::Written::taken);
  another.user_id = "b";
  another.email = "c@example.com";
  EXPECT_EQ(write([&](const Writer& w) { return users::insert(w, another); }), users::Written::taken);
}

TEST_P(LinkedIdentities, are_no_users_to_whoever_asks_for_users) {
  add("a");
  add("b", "con_2");
  ASSERT_EQ(link("a", "b"), Linked::done);
  read([&](const Reader& r) {
    EXPECT_FALSE(users::find(r, "b"));
    EXPECT_EQ(ids(users::find_each(r, {"a", "b"})), Ids{"a"});
    EXPECT_THAT(users::list_by_email(r, "b@example.com"), IsEmpty());
    EXPECT_EQ(ids(users::list_page(r, {.page = 0, .per_page = 5})), Ids{"a"});
    EXPECT_EQ(ids(users::list_after(r, {.after = "", .take = 5})), Ids{"a"});
    EXPECT_EQ(ids(users::list_created_after(r, {base::Instant::min(), ""}, 5)), Ids{"a"});
    EXPECT_EQ(ids(users::list_created_before(r, {base::Instant::max(), ""}, 5)), Ids{"a"});
    EXPECT_EQ(users::list_page(r, {.page = 0, .per_page = 5}).front().linked.size(), 1u);
    EXPECT_EQ(users::count(r), 1);
    EXPECT_EQ(stats::count_active_users(r, now() - 1h), 1);
    return 0;
  });
  run([&](const Writer& w) {
    EXPECT_FALSE(users::find_for_change(w, "b"));
    EXPECT_FALSE(users::lock(w, "b"));
    EXPECT_FALSE(users::lock_standing(w, "b"));
    EXPECT_FALSE(users::delete_one(w, "b", now()));
  });
  EXPECT_THAT(linked_to("a"), ElementsAre("b"));
}

TEST_P(LinkedIdentities, bring_along_what_was_linked_to_them) {
  for (const auto* id : {"a", "b", "c", "d"}) add(id);
  ASSERT_EQ(link("b", "c"), Linked::done);
  ASSERT_EQ(link("b", "d"), Linked::done);
  ASSERT_EQ(link("a", "b"), Linked::done);
  EXPECT_THAT(linked_to("a"), ElementsAre("b", "c", "d"));
  EXPECT_TRUE(unlink("a", "b"));
  EXPECT_THAT(linked_to("a"), ElementsAre("c", "d"));
  EXPECT_THAT(linked_to("b"), IsEmpty());
}

TEST_P(LinkedIdentities, are_users_again_once_they_are_unlinked) {
  add("a");
  add("b");
  const auto before = row("b").value();
  ASSERT_EQ(link("a", "b"), Linked::done);
  EXPECT_FALSE(unlink("b", "a"));
  EXPECT_FALSE(unlink("a", "a")) << "the user's own";
  EXPECT_TRUE(unlink("a", "b"));
  EXPECT_FALSE(unlink("a", "b"));
  EXPECT_THAT(linked_to("a"), IsEmpty());
  const auto b = user("b").value();
  EXPECT_EQ(b.subject(), "b");
  EXPECT_EQ(b.profile, before.profile);
  EXPECT_EQ(b.password_hash, before.password_hash);
  EXPECT_GT(b.password_epoch, before.password_epoch);
  EXPECT_EQ(link("b", "a"), Linked::done) << "the other way round";
}

TEST_P(LinkedIdentities, are_refused_where_there_is_none_or_it_is_linked_already) {
  for (const auto* id : {"a", "b", "c"}) add(id);
  EXPECT_EQ(link("a", "a"), Linked::itself);
  EXPECT_EQ(link("nobody", "a"), Linked::no_user);
  EXPECT_EQ(link("a", "nobody"), Linked::no_identity);
  ASSERT_EQ(link("a", "b"), Linked::done);
  EXPECT_EQ(link("a", "b"), Linked::before);
  EXPECT_EQ(link("c", "b"), Linked::before);
  EXPECT_EQ(link("b", "c"), Linked::no_user) << "it is no user any more";
  EXPECT_EQ(link("b", "a"), Linked::no_user);
  EXPECT_THAT(linked_to("a"), ElementsAre("b"));
}

TEST_P(LinkedIdentities, are_so_many_and_no_more) {
  add("a");
  for (std::size_t k = 1; k < identities::kMost; ++k) {
    add("i" + std::to_string(k));
    ASSERT_EQ(link("a", "i" + std::to_string(k)), Linked::done);
  }
  add("b");
  EXPECT_EQ(link("a", "b"), Linked::too_many);
  EXPECT_EQ(link("b", "a"), Linked::too_many);
  EXPECT_TRUE(user("b"));
}

TEST_P(LinkedIdentities, are_held_and_changed_with_their_user) {
  add("a");
  add("b");
  add("c");
  ASSERT_EQ(link("a", "b"), Linked::done);
  run([&](const Writer& w) {
    for (auto* const hold : {identities::find_for_change, identities::lock}) {
      auto held = hold(w, "b");
      ASSERT_TRUE(held);
      EXPECT_EQ(held->identity.user_id, "b");
      EXPECT_EQ(held->subject.user_id, "a");
      held = hold(w, "a");
      ASSERT_TRUE(held);
      EXPECT_EQ(held->identity.user_id, "a");
      EXPECT_EQ(held->subject.user_id, "a");
      EXPECT_FALSE(hold(w, "nobody"));
    }
    auto b = identities::find(w, "b").value();
    b.email = "new@example.com";
    b.email_verified = false;
    EXPECT_EQ(users::update(w, b), users::Written::done);
    b.email = "c@example.com";
    EXPECT_EQ(users::update(w, b), users::Written::taken);
    b.linked_to.clear();
    EXPECT_EQ(users::update(w, b), users::Written::missing) << "read before it was linked";
    b.linked_to = "c";
    EXPECT_EQ(users::update(w, b), users::Written::missing) << "read when it was linked to another";
  });
  EXPECT_EQ(user("a")->linked.front().email, "new@example.com");
  EXPECT_EQ(row("b")->linked_to, "a") << "an update changes no links";
}

TEST_P(LinkedIdentities, have_a_password_of_their_own_whose_change_is_the_users) {
  add("a");
  add("b");
  ASSERT_EQ(link("a", "b"), Linked::done);
  const auto a = user("a").value(), b = row("b").value();
  EXPECT_TRUE(write([&](const Writer& w) { return users::update_password(w, "b", "new", now()); }));
  EXPECT_EQ(row("b")->password_hash, "new");
  EXPECT_GT(row("b")->password_epoch, b.password_epoch);
  EXPECT_EQ(user("a")->password_hash, a.password_hash);
  EXPECT_GT(user("a")->password_epoch, a.password_epoch) << "who was let in by the old one is no more";
  EXPECT_EQ(user("a")->last_password_reset, a.last_password_reset);
  EXPECT_TRUE(write([&](const Writer& w) { return users::update_password(w, "a", "own", now()); }));
  EXPECT_EQ(row("b")->password_hash, "new");
}

TEST_P(LinkedIdentities, go_with_their_user_and_so_do_their_links_to_a_new_password) {
  add("a");
  add("b");
  ASSERT_EQ(link("a", "b"), Linked::done);
  const auto password_ticket = ids_.next(), email_ticket = ids_.next();
  run([&](const Writer& w) {
    password_tickets::insert(w,
                             {.password_ticket_id = password_ticket,
                              .user_id = "b",
                              .email = "b@example.com",
                              .client_id = {},
                              .created_at = now(),
                              .expires_at = now() + 1h,
                              .used_at = {}},
                             digest_of(1));
    email_tickets::insert(w,
                          {.email_ticket_id = email_ticket,
                           .user_id = "b",
                           .email = "b@example.com",
                           .client_id = {},
                           .result_url = {},
                           .created_at = now(),
                           .expires_at = now() + 1h,
                           .used_at = {}},
                          digest_of(1));
  });
  EXPECT_TRUE(write([&](const Writer& w) { return users::delete_one(w, "a", now()); }));
  EXPECT_FALSE(row("b"));
  read([&](const Reader& r) {
    EXPECT_TRUE(password_tickets::find(r, password_ticket)->ticket.used_at);
    EXPECT_TRUE(email_tickets::find(r, email_ticket)->ticket.used_at);
    return 0;
  });
}

TEST_P(LinkedIdentities, fall_with_their_connection_while_their_user_stays) {
  model::Connection connection;
  connection.connection_id = connection.name = "con_2";
  run([&](const Writer& w) { connections::insert(w, connection); });
  add("a");
  add("b", "con_2");
  ASSERT_EQ(link("a", "b"), Linked::done);
  EXPECT_TRUE(write([&](const Writer& w) { return connections::delete_one(w, "con_2", now()); }));
  EXPECT_FALSE(row("b"));
  ASSERT_TRUE(user("a"));
  EXPECT_THAT(linked_to("a"), IsEmpty());
}

TEST_P(LinkedIdentities, of_another_tenant_are_neither_seen_nor_changed) {
  for (const auto* id : {"a", "b", "c"}) add(id);
  ASSERT_EQ(link("a", "b"), Linked::done);
  EXPECT_EQ(link("a", "c", kTwo), Linked::no_user);
  add("a", "con_1", kTwo);
  EXPECT_EQ(link("a", "c", kTwo), Linked::no_identity);
  EXPECT_EQ(link("a", "b", kTwo), Linked::no_identity);
  EXPECT_FALSE(unlink("a", "b", kTwo));
  read(
      [&](const Reader& r) {
        EXPECT_FALSE(identities::find(r, "b"));
        EXPECT_THAT(identities::list_linked(r, "a"), IsEmpty());
        EXPECT_FALSE(identities::find_subject(r, model::User{.user_id = "x", .linked_to = "c"}));
        return 0;
      },
      kTwo);
  run(
      [&](const Writer& w) {
        EXPECT_FALSE(identities::find_for_change(w, "b"));
        EXPECT_FALSE(identities::lock(w, "b"));
        EXPECT_FALSE(users::update_password(w, "b", "x", now()));
        identities::delete_linked(w, "a", now());
        identities::delete_orphans(w, now());
      },
      kTwo);
  EXPECT_THAT(linked_to("a"), ElementsAre("b"));
}

// --- At once ---

TEST_P(LinkedIdentities, asked_for_by_many_at_once_are_linked_once) {
  add("b");
  for (int k = 0; k < kThreads; ++k) add("u" + std::to_string(k));
  const auto to = [](int k) { return "u" + std::to_string(k); };
  EXPECT_EQ(winners([&](const Writer& w, int k) { return identities::link(w, to(k), "b", now()) == Linked::done; }), 1);
  const auto winner = row("b")->linked_to;
  EXPECT_THAT(linked_to(winner), ElementsAre("b"));
  EXPECT_EQ(winners([&](const Writer& w, int) { return identities::unlink(w, winner, "b", now()); }), 1);
  EXPECT_TRUE(user("b"));
}

TEST_P(LinkedIdentities, asked_for_both_ways_at_once_are_linked_one_way) {
  for (int round = 0; round < 5; ++round) {
    const auto a = "a" + std::to_string(round), b = "b" + std::to_string(round);
    add(a);
    add(b);
    EXPECT_EQ(winners([&](const Writer& w, int k) {
                return identities::link(w, k % 4 < 2 ? a : b, k % 4 < 2 ? b : a, now()) == Linked::done;
              }),
              1);
    const bool one_way = user(a).has_value();
    EXPECT_NE(one_way, user(b).has_value());
    EXPECT_THAT(linked_to(one_way ? a : b), ElementsAre(one_way ? b : a));
  }
}

TEST_P(LinkedIdentities, of_a_user_who_is_deleted_at_once_lead_to_nobody) {
  for (int round = 0; round < 5; ++round) {
    const auto a = "a" + std::to_string(round), b = "b" + std::to_string(round);
    add(a);
    add(b);
    std::atomic<bool> linked = false;
    winners([&](const Writer& w, int k) {
      if (k % 4 < 2) return users::delete_one(w, a, now());
      if (identities::link(w, a, b, now()) != Linked::done) return false;
      linked = true;
      return true;
    });
    EXPECT_FALSE(user(a));
    EXPECT_EQ(row(b).has_value(), !linked) << "linked in time, it went with its user";
    EXPECT_EQ(user(b).has_value(), !linked) << "else it is one";
  }
}

TEST_P(LinkedIdentities, of_a_connection_that_is_deleted_at_once_lead_to_nobody) {
  for (int round = 0; round < 5; ++round) {
    const auto a = "a" + std::to_string(round), b = "b" + std::to_string(round);
    model::Connection connection;
    connection.connection_id = connection.name = "con_of_" + a;
    run([&](const Writer& w) { connections::insert(w, connection); });
    add(a, connection.connection_id);
    add(b, "con_2");
    winners([&](const Writer& w, int k) {
      return k % 4 < 2 ? connections::delete_one(w, connection.connection_id, now())
                       : identities::link(w, a, b, now()) == Linked::done;
    });
    EXPECT_FALSE(user(a));
    EXPECT_TRUE(!row(b) || user(b));
  }
}

// A sign-in writes what it grants under lock_standing; whatever it was in time to write ends with the link.
TEST_P(LinkedIdentities, that_sign_in_at_once_leave_no_session_of_theirs) {
  add("a");
  add("b");
  winners([&](const Writer& w, int k) {
    if (k == kThreads / 2) return identities::link(w, "a", "b", now()) == Linked::done;
    if (!users::lock_standing(w, "b")) return false;
    auto session = sample_session({"x"});
    session.user_id = "b";
    session.sid += std::to_string(k);
    sessions::insert(w, session, digest_of(k));
    users::record_login(w, "b", "", now());
    return true;
  });
  EXPECT_EQ(row("b")->linked_to, "a");
  const auto count = [](const sql::Row& row) { return row.integer(0); };
  read([&](const Reader& r) {
    EXPECT_THAT(r.connection.maybe_one(kLiveSessions, {r.tenant, "b"}, count), Optional(0));
    return 0;
  });
}

}  // namespace
}  // namespace segue::store
