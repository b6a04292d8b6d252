// The session graph read downwards and climbed upwards, by one tenant only.
#include "contract/session_graph_fixture.h"
#include "store/revocations.h"
#include "store/session_clients.h"
#include "store/session_graph.h"
#include "store/session_graph_revocation.h"

namespace segue::store {
namespace {

namespace graph = session_graph;
using Kind = graph::Top::Kind;
using namespace std::chrono_literals;

struct GraphTree : SessionGraph {
  // A native app's family, a session that a transfer opened, and the family that a web application got in it.
  struct Grown {
    NativeApp native;
    model::SessionTransferToken transfer;
    model::Session session;
    model::Grant web_grant;
    model::RefreshTokenFamily web;
  };
  Grown grow() {
    Grown out{make_native_app(), sample_transfer_token(), sample_session(), sample_grant(), sample_family()};
    const auto& parent = out.native.family;
    const model::Ancestry ancestry{parent.family_id, parent.grant_id, "transfer"};
    out.transfer.family_id = parent.family_id;
    out.transfer.grant_id = parent.grant_id;
    out.transfer.transfer_id = "transfer";
    out.transfer.user_id = out.session.user_id = out.web_grant.user_id = out.web.user_id = sample_user().user_id;
    out.session.ancestry = out.web_grant.ancestry = out.web.ancestry = ancestry;
    out.session.password_epoch = read([&](const Reader& r) { return users::find(r, sample_user().user_id)->password_epoch; });
    out.web_grant.session_id = out.web.session_id = out.session.session_id;
    out.web_grant.client_id = out.web.client_id = "web";
    out.web.grant_id = out.web_grant.grant_id;
    run([&](const Writer& w) {
      stts::insert(w, out.transfer, digest_of(1));
      sessions::insert(w, out.session, digest_of(2));
      session_clients::record(w, out.session.session_id, "web", "transfer", {}, now());
      grants::insert(w, out.web_grant);
      rts::insert_family(w, out.web);
    });
    return out;
  }
  graph::Records load(const graph::Top& top, base::TenantId tenant = kOne, int most = 100) {
    return read([&](const Reader& r) { return graph::load(r, top, most, now()); }, tenant);
  }
  static std::vector<std::size_t> sizes(const graph::Records& records) {
    return {records.sessions.size(), records.families.size(), records.relying_parties.size(), records.transfers.size()};
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, GraphTree, ::testing::ValuesIn(every_place()), place_name);

TEST_P(GraphTree, is_read_below_each_kind_of_top_and_by_no_other_tenant) {
  const auto grown = grow();
  const auto& family = grown.native.family;
  const auto user_id = sample_user().user_id;
  for (const auto& top :
       {graph::Top{.kind = Kind::user, .user_id = user_id}, graph::Top{.kind = Kind::grant, .id = family.grant_id},
        graph::Top{.kind = Kind::family, .id = family.family_id}}) {
    const auto records = load(top);
    EXPECT_EQ(sizes(records), (std::vector<std::size_t>{1, 2, 1, 1})) << static_cast<int>(top.kind);
    EXPECT_FALSE(records.truncated);
    EXPECT_EQ(sizes(load(top, kTwo)), (std::vector<std::size_t>{0, 0, 0, 0}));
  }
  const graph::Top session{.kind = Kind::session, .id = grown.session.session_id};
  EXPECT_EQ(sizes(load(session)), (std::vector<std::size_t>{1, 1, 1, 0}));
  EXPECT_EQ(sizes(load(session, kTwo)), (std::vector<std::size_t>{0, 0, 0, 0}));
}

TEST_P(GraphTree, says_of_every_record_whether_something_above_has_ended) {
  const auto grown = grow();
  const graph::Top top{.kind = Kind::grant, .id = grown.native.grant.grant_id};
  const auto ended = [&] {
    const auto records = load(top);
    const auto family = std::find_if(records.families.begin(), records.families.end(),
                                     [&](const auto& f) { return f.family_id == grown.web.family_id; });
    return std::vector<bool>{records.sessions.at(0).ended_above, family->ended_above, records.transfers.at(0).ended_above};
  };
  EXPECT_EQ(ended(), (std::vector<bool>{false, false, false}));
  run([&](const Writer& w) { rts::revoke_family(w, grown.native.family.family_id, false, now()); });
  EXPECT_EQ(ended(), (std::vector<bool>{false, false, true})) << "it does not cascade, and ends unspent tokens all the same";
  run([&](const Writer& w) { grants::revoke(w, grown.native.grant.grant_id, true, now()); });
  EXPECT_EQ(ended(), (std::vector<bool>{true, true, true}));
}

TEST_P(GraphTree, of_a_bound_token_ends_with_its_session) {
  const auto grown = grow();
  run([&](const Writer& w) { sessions::revoke(w, grown.session.session_id, now()); });
  const auto records = load({.kind = Kind::session, .id = grown.session.session_id});
  EXPECT_TRUE(records.sessions.at(0).revoked_at);
  EXPECT_TRUE(records.families.at(0).ended_above);
}

TEST_P(GraphTree, is_cut_at_its_bound) {
  const auto grown = grow();
  const auto records = load({.kind = Kind::user, .user_id = sample_user().user_id}, kOne, 1);
  EXPECT_TRUE(records.truncated);
  EXPECT_EQ(sizes(records), (std::vector<std::size_t>{1, 1, 1, 0})) << "the newest";
  EXPECT_EQ(records.families.at(0).family_id, grown.web.family_id);
}

TEST_P(GraphTree, is_climbed_to_its_top_by_no_other_tenant) {
  const auto grown = grow();
  const std::vector<graph::Top> top{{.kind = Kind::grant, .id = grown.native.grant.grant_id}};
  EXPECT_EQ(read([&](const Reader& r) { return graph::tops_of_session(r, grown.session.sid); }), top);
  EXPECT_EQ(read([&](const Reader& r) { return graph::tops_of_family(r, grown.web.public_id); }), top);
  EXPECT_TRUE(read([&](const Reader& r) { return graph::tops_of_session(r, grown.session.sid); }, kTwo).empty());
  EXPECT_TRUE(read([&](const Reader& r) { return graph::tops_of_family(r, grown.web.public_id); }, kTwo).empty());
}

TEST_P(GraphTree, tells_whose_a_record_is_and_which_handoff_it_came_from_in_its_tenant) {
  const auto grown = grow();
  const auto owners = [&](base::TenantId tenant) {
    return read(
        [&](const Reader& r) {
          return std::vector<std::optional<graph::Owner>>{graph::owner_of_session(r, grown.session.session_id),
                                                          graph::owner_of_grant(r, grown.web_grant.grant_id),
                                                          graph::owner_of_family(r, grown.web.family_id)};
        },
        tenant);
  };
  const graph::Owner owner{sample_user().user_id, "transfer"};
  EXPECT_EQ(owners(kOne), std::vector<std::optional<graph::Owner>>(3, owner));
  EXPECT_EQ(owners(kTwo), std::vector<std::optional<graph::Owner>>(3));
}

struct GraphRevocation : GraphTree {
  // Which of session, web family and web grant are marked, and whether the token is.
  std::string marks(const Grown& grown) {
    const auto records = load({.kind = Kind::user, .user_id = sample_user().user_id});
    std::string out;
    if (records.sessions.at(0).revoked_at) out += "session ";
    for (const auto& family : records.families) {
      const bool web = family.family_id == grown.web.family_id;
      if (family.revoked_at) out += web ? "web " : "native ";
      if (family.grant->revoked_at) out += web ? "web_grant " : "native_grant ";
    }
    if (read([&](const Reader& r) { return stts::is_revoked(r, grown.transfer.session_transfer_token_id); })) out += "transfer ";
    return out;
  }
  void end_all(const Grown& grown, base::TenantId tenant, base::Instant at) {
    run(
        [&](const Writer& w) {
          graph::end_session(w, grown.session.session_id, at);
          graph::end_grant(w, grown.native.grant.grant_id, at);
          graph::end_family(w, grown.native.family.family_id, at);
          graph::end_transfer(w, handoff(grown), at);
        },
        tenant);
  }
  static graph::Handoff handoff(const Grown& grown) {
    return {grown.transfer.session_transfer_token_id, grown.native.family.family_id, "transfer"};
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, GraphRevocation, ::testing::ValuesIn(every_place()), place_name);

TEST_P(GraphRevocation, marks_the_root_of_a_subtree_and_nothing_above_it) {
  const auto grown = grow();
  run([&](const Writer& w) { graph::end_session(w, grown.session.session_id, now()); });
  EXPECT_EQ(marks(grown), "session web web_grant ");
  run([&](const Writer& w) { graph::end_family(w, grown.native.family.family_id, now()); });
  EXPECT_EQ(marks(grown), "session web web_grant native ");
  run([&](const Writer& w) { graph::end_grant(w, grown.native.grant.grant_id, now()); });
  EXPECT_EQ(marks(grown), "session web web_grant native native_grant ");
}

TEST_P(GraphRevocation, of_a_handoff_takes_what_it_opened_and_nothing_of_another) {
  const auto grown = grow();
  auto other = handoff(grown);
  other.transfer_id = "another";
  other.session_transfer_token_id = ids_.next();
  run([&](const Writer& w) { graph::end_transfer(w, other, now()); });
  EXPECT_EQ(marks(grown), "");
  run([&](const Writer& w) { graph::end_transfer(w, handoff(grown), now()); });
  EXPECT_EQ(marks(grown), "session web web_grant transfer ");
}

TEST_P(GraphRevocation, leaves_the_work_of_telling_what_hangs_below) {
  const auto grown = grow();
  const auto work = [&] {
    std::vector<base::RowId> out;
    while (const auto taken = write([&](const Writer& w) { return revocations::take(w, now(), now() + 1h); }))
      out.push_back(taken->root_id);
    return out;
  };
  run([&](const Writer& w) { graph::end_transfer(w, handoff(grown), now()); });
  EXPECT_EQ(work(), std::vector{grown.session.session_id});
  run([&](const Writer& w) {
    graph::end_session(w, grown.session.session_id, now());  // again
    graph::end_grant(w, grown.native.grant.grant_id, now());
    graph::end_family(w, grown.native.family.family_id, now());  // again
  });
  EXPECT_EQ(work(), std::vector{grown.native.family.family_id});
}

TEST_P(GraphRevocation, leaves_every_row_of_another_tenant) {
  const auto grown = grow();
  end_all(grown, kTwo, now());
  EXPECT_EQ(marks(grown), "");
}

TEST_P(GraphRevocation, cascades_also_where_an_earlier_one_did_not_and_keeps_its_time) {
  const auto grown = grow();
  const auto before = now();
  run([&](const Writer& w) { rts::revoke_family(w, grown.native.family.family_id, false, before); });
  clock_.advance(1h);
  const auto records = [&] { return load({.kind = Kind::family, .id = grown.native.family.family_id}); };
  EXPECT_FALSE(records().sessions.at(0).ended_above);
  run([&](const Writer& w) { graph::end_family(w, grown.native.family.family_id, now()); });
  EXPECT_TRUE(records().sessions.at(0).ended_above);
  for (const auto& family : records().families) {
    if (family.family_id == grown.native.family.family_id) {
      EXPECT_EQ(family.revoked_at, before);
    }
  }
}

}  // namespace
}  // namespace segue::store
