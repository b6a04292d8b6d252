// Single logout as rows: which service providers a session is signed in at, and the steps of a browser's way through them
// (store/session_clients.h, store/logout_walks.h).
#include "contract/session_graph_fixture.h"
#include "store/logout_walks.h"

namespace segue::store {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct SingleLogout : SessionGraph {
  static model::SessionParticipant participant(const std::string& client_id) {
    return {client_id, "samlp", "ada ☃", "urn:format", "index of " + client_id, "https://" + client_id + ".example/acs"};
  }
  void record(base::RowId session_id, const std::string& client_id, base::TenantId tenant = kOne) {
    run([&](const Writer& w) { session_clients::record(w, session_id, client_id, "", {}, now()); }, tenant);
  }
  bool name(base::RowId session_id, const model::SessionParticipant& named, base::TenantId tenant = kOne) {
    return write([&](const Writer& w) { return session_clients::name(w, session_id, named); }, tenant);
  }
  auto claim(base::RowId session_id, base::TenantId tenant = kOne) {
    return write([&](const Writer& w) { return session_clients::claim_participants(w, session_id, now()); }, tenant);
  }
  auto participant_at(base::RowId session_id, const std::string& client_id, base::TenantId tenant = kOne) {
    return read([&](const Reader& r) { return session_clients::find_participant(r, session_id, client_id); }, tenant);
  }
  auto session_of(const std::string& client_id, const std::string& index, base::TenantId tenant = kOne) {
    return read([&](const Reader& r) { return session_clients::find_session(r, client_id, index); }, tenant);
  }

  model::LogoutWalk sample_walk() {
    model::LogoutWalk out;
    out.logout_walk_id = ids_.next();
    out.browser_hash = digest_of(3);
    out.plan = {.sid = "sid",
                .user_id = "auth0|ada",
                .left = {participant("a"), participant("b")},
                .asked_again = true,
                .images = {participant("f")},
                .images_shown = true,
                .untold = {"c"},
                .in_a_row = 2,
                .end = {"https://app.example/", "z", "_request", "relay \" state", true}};
    out.created_at = now();
    out.expires_at = now() + 10min;
    return out;
  }
  base::RowId insert(const model::LogoutWalk& walk) {
    run([&](const Writer& w) { logout_walks::insert(w, walk, digest_of(1)); });
    return walk.logout_walk_id;
  }
  std::optional<logout_walks::Found> find(base::RowId id, base::TenantId tenant = kOne) {
    return read([&](const Reader& r) { return logout_walks::find(r, id); }, tenant);
  }
  bool advance(const model::LogoutWalk& walk, base::TenantId tenant = kOne) {
    return write([&](const Writer& w) { return logout_walks::advance(w, walk, digest_of(2), now()); }, tenant);
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, SingleLogout, ::testing::ValuesIn(every_place()), place_name);

TEST_P(SingleLogout, names_of_a_participant_come_back_as_they_went_in_and_are_replaced) {
  const auto session = ids_.next();
  EXPECT_FALSE(name(session, participant("a"))) << "no login was recorded";
  record(session, "a");
  EXPECT_FALSE(participant_at(session, "a")) << "it speaks OpenID Connect";
  EXPECT_TRUE(name(session, participant("a")));
  EXPECT_EQ(participant_at(session, "a"), participant("a"));
  auto renamed = participant("a");
  renamed.name_id = "grace";
  EXPECT_TRUE(name(session, renamed));
  EXPECT_EQ(participant_at(session, "a"), renamed);
  EXPECT_EQ(session_of("a", "index of a"), session);
  EXPECT_FALSE(session_of("b", "index of a"));
  record(session, "b");
  EXPECT_FALSE(session_of("b", "")) << "an empty index names nothing";
}

TEST_P(SingleLogout, participants_are_claimed_once_and_relying_parties_are_not_among_them) {
  const auto session = ids_.next();
  for (const auto* client_id : {"b", "a", "openid"}) record(session, client_id);
  EXPECT_FALSE(read([&](const Reader& r) { return session_clients::has_participants(r, session); }));
  name(session, participant("b"));
  name(session, participant("a"));
  EXPECT_TRUE(read([&](const Reader& r) { return session_clients::has_participants(r, session); }));
  EXPECT_THAT(claim(session), ElementsAre(participant("a"), participant("b")));
  EXPECT_THAT(claim(session), IsEmpty());
}

TEST_P(SingleLogout, participants_of_one_tenant_do_not_exist_for_another) {
  const auto session = ids_.next();
  record(session, "a");
  EXPECT_FALSE(name(session, participant("a"), kTwo));
  name(session, participant("a"));
  EXPECT_FALSE(participant_at(session, "a", kTwo));
  EXPECT_FALSE(session_of("a", "index of a", kTwo));
  EXPECT_FALSE(read([&](const Reader& r) { return session_clients::has_participants(r, session); }, kTwo));
  EXPECT_THAT(claim(session, kTwo), IsEmpty());
  EXPECT_THAT(claim(session), ElementsAre(participant("a")));
}

TEST_P(SingleLogout, of_two_logouts_at_once_one_gets_each_participant) {
  const auto session = ids_.next();
  record(session, "a");
  name(session, participant("a"));
  EXPECT_EQ(winners([&](const Writer& w, int) { return !session_clients::claim_participants(w, session, now()).empty(); }), 1);
}

TEST_P(SingleLogout, walks_come_back_as_they_went_in) {
  const auto walk = sample_walk();
  const auto found = find(insert(walk));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->secret_hash, digest_of(1));
  EXPECT_EQ(found->walk.browser_hash, digest_of(3));
  EXPECT_EQ(found->walk.plan, walk.plan);
  EXPECT_EQ(found->walk.step, 0);
  EXPECT_EQ(found->walk.awaited, "");
  EXPECT_EQ(found->walk.created_at, walk.created_at);
  EXPECT_EQ(found->walk.expires_at, walk.expires_at);
  EXPECT_FALSE(found->walk.finished_at);
  auto bare = sample_walk();
  bare.plan = {};
  EXPECT_EQ(find(insert(bare))->walk.plan, model::LogoutPlan{});
}

TEST_P(SingleLogout, each_step_of_a_walk_is_taken_once) {
  auto walk = sample_walk();
  insert(walk);
  walk.awaited = "_one";
  EXPECT_TRUE(advance(walk));
  EXPECT_FALSE(advance(walk));
  EXPECT_EQ(find(walk.logout_walk_id)->walk.awaited, "_one");
  EXPECT_EQ(find(walk.logout_walk_id)->secret_hash, digest_of(2)) << "the handle of the step before leads nobody further";
  walk.step = 1;
  walk.awaited = "";
  walk.plan.left.clear();
  walk.finished_at = now();
  EXPECT_TRUE(advance(walk));
  const auto found = find(walk.logout_walk_id)->walk;
  EXPECT_EQ(found.step, 2);
  EXPECT_EQ(found.plan, walk.plan);
  EXPECT_EQ(found.finished_at, now());
  walk.step = 2;
  EXPECT_FALSE(advance(walk)) << "it has ended";
}

TEST_P(SingleLogout, a_walk_is_not_taken_further_when_it_has_expired) {
  auto walk = sample_walk();
  insert(walk);
  clock_.advance(10min);
  EXPECT_FALSE(advance(walk));
}

TEST_P(SingleLogout, one_of_many_takes_a_step_or_takes_a_walk_over) {
  const auto walk = sample_walk();
  insert(walk);
  EXPECT_EQ(winners([&](const Writer& w, int) { return logout_walks::advance(w, walk, digest_of(2), now()); }), 1);
  EXPECT_EQ(winners([&](const Writer& w, int k) {
              if (k % 2 != 0) return !logout_walks::take_over(w, digest_of(3), now()).empty();
              auto next = walk;
              next.step = 1;
              next.finished_at = now();
              return logout_walks::advance(w, next, digest_of(2), now());
            }),
            1);
}

TEST_P(SingleLogout, walks_of_a_browser_are_taken_over_where_they_have_not_ended) {
  const auto mine = sample_walk();
  auto ended = sample_walk(), expired = sample_walk(), others = sample_walk();
  expired.expires_at = now();
  others.browser_hash = digest_of(4);
  for (const auto& walk : {mine, ended, expired, others}) insert(walk);
  ended.finished_at = now();
  EXPECT_TRUE(advance(ended));
  const auto take = [&](base::TenantId tenant) {
    return write([&](const Writer& w) { return logout_walks::take_over(w, digest_of(3), now()); }, tenant);
  };
  EXPECT_THAT(take(kTwo), IsEmpty());
  const auto taken = take(kOne);
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(taken.front().logout_walk_id, mine.logout_walk_id);
  EXPECT_EQ(taken.front().plan, mine.plan);
  EXPECT_THAT(take(kOne), IsEmpty());
  EXPECT_FALSE(advance(mine));
}

TEST_P(SingleLogout, walks_are_taken_up_where_nobody_has_taken_a_step) {
  const auto mine = sample_walk();
  auto begun = sample_walk(), expired = sample_walk(), others = sample_walk();
  expired.expires_at = now();
  others.browser_hash = digest_of(4);
  for (const auto& walk : {mine, begun, expired, others}) insert(walk);
  EXPECT_TRUE(advance(begun));
  const auto take = [&](base::TenantId tenant) {
    return write([&](const Writer& w) { return logout_walks::take_up(w, digest_of(3), now()); }, tenant);
  };
  EXPECT_THAT(take(kTwo), IsEmpty());
  const auto taken = take(kOne);
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(taken.front().logout_walk_id, mine.logout_walk_id);
  EXPECT_EQ(taken.front().plan, mine.plan);
  EXPECT_THAT(take(kOne), IsEmpty());
  EXPECT_FALSE(advance(mine));
  const auto other = sample_walk();
  insert(other);
  EXPECT_EQ(winners([&](const Writer& w, int k) {
              if (k % 2 != 0) return !logout_walks::take_up(w, digest_of(3), now()).empty();
              return logout_walks::advance(w, other, digest_of(2), now());
            }),
            1);
}

TEST_P(SingleLogout, walks_that_stood_still_are_ended_once_each_at_their_tenant) {
  const auto walk = sample_walk();
  insert(walk);
  const auto has_expired = [&](base::TenantId tenant) {
    return read([&](const Reader& r) { return logout_walks::has_expired(r, now()); }, tenant);
  };
  const auto end = [&](base::TenantId tenant) {
    return write([&](const Writer& w) { return logout_walks::end_expired(w, now()).size(); }, tenant);
  };
  EXPECT_FALSE(has_expired(kOne));
  EXPECT_EQ(end(kOne), 0u);
  clock_.advance(10min);
  EXPECT_FALSE(has_expired(kTwo));
  EXPECT_EQ(end(kTwo), 0u);
  EXPECT_TRUE(has_expired(kOne));
  EXPECT_EQ(end(kOne), 1u);
  EXPECT_EQ(end(kOne), 0u);
  EXPECT_FALSE(has_expired(kOne));
}

TEST_P(SingleLogout, walks_of_one_tenant_do_not_exist_for_another) {
  const auto walk = sample_walk();
  insert(walk);
  EXPECT_FALSE(find(walk.logout_walk_id, kTwo));
  EXPECT_FALSE(advance(walk, kTwo));
  EXPECT_TRUE(advance(walk));
}

}  // namespace
}  // namespace segue::store
