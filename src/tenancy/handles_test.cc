#include "tenancy/handles.h"

#include <gtest/gtest.h>

#include "support/seeded_random.h"

namespace segue::tenancy {
namespace {

class Handles : public ::testing::Test {
 protected:
  static TenantKeys make_keys(base::Random& random) {
    return {.handle = crypto::BlockCipher(random.bytes<32>()),
            .derivation = crypto::HmacKey(random.bytes<32>()),
            .opaque_token = crypto::AeadKey(random.bytes<32>()),
            .signing = {}};
  }
  test::SeededRandom random_;
  TenantKeys keys_ = make_keys(random_);
};

TEST_F(Handles, read_back_with_the_id_and_the_hash_they_were_made_with) {
  const auto made = make_handle(keys_, random_, model::HandleKind::session_transfer_token, base::RowId(12345678901234));
  EXPECT_TRUE(made.text.reveal().starts_with("stt_"));
  const auto read = parse_handle(keys_, model::HandleKind::session_transfer_token, made.text.reveal());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->id, made.id);
  EXPECT_EQ(read->secret_hash, made.secret_hash);
}

TEST_F(Handles, of_one_kind_are_never_accepted_as_another) {
  const auto made = make_handle(keys_, random_, model::HandleKind::refresh_token, base::RowId(1));
  std::string swapped(made.text.reveal());
  EXPECT_FALSE(parse_handle(keys_, model::HandleKind::session_transfer_token, swapped));
  swapped.replace(0, 3, "stt_");  // the prefix lies, the encrypted block does not
  EXPECT_FALSE(parse_handle(keys_, model::HandleKind::session_transfer_token, swapped));
}

TEST_F(Handles, never_name_a_node_of_the_graph_nor_does_a_node_open_anything) {
  const auto node = to_text(keys_, {model::HandleKind::session_node, base::RowId(7)});
  const auto read = parse_graph_node(keys_, node);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->kind, model::HandleKind::session_node);
  EXPECT_EQ(read->id, base::RowId(7));
  EXPECT_FALSE(parse_graph_node(make_keys(random_), node));  // another tenant's
  const std::string handle(make_handle(keys_, random_, model::HandleKind::session, base::RowId(7)).text.reveal());
  EXPECT_FALSE(parse_graph_node(keys_, "node_" + handle.substr(4, 22)));
  for (const auto& bad : {std::string(), std::string("node_"), node + "A", node.substr(0, node.size() - 1), "x" + node})
    EXPECT_FALSE(parse_graph_node(keys_, bad)) << bad;
}

TEST_F(Handles, of_another_tenant_are_not_read) {
  const auto made = make_handle(keys_, random_, model::HandleKind::session, base::RowId(7));
  const auto others = make_keys(random_);
  EXPECT_FALSE(parse_handle(others, model::HandleKind::session, made.text.reveal()));
}

TEST_F(Handles, show_neither_order_nor_volume) {
  const auto first = make_handle(keys_, random_, model::HandleKind::session, base::RowId(1000));
  const auto second = make_handle(keys_, random_, model::HandleKind::session, base::RowId(1001));
  int same = 0;
  for (std::size_t i = 4; i < 26; ++i) same += first.text.reveal()[i] == second.text.reveal()[i];
  EXPECT_LT(same, 6);
}

TEST_F(Handles, that_are_malformed_are_refused_without_a_crash) {
  const std::string good(make_handle(keys_, random_, model::HandleKind::session, base::RowId(9)).text.reveal());
  for (const auto& bad : {std::string(), std::string("ses_"), std::string("ses_."), good.substr(0, good.size() - 1), good + "A",
                          good + "=", std::string(100000, 'a'), std::string("ses_\xff\xfe.x"), good.substr(0, 20)}) {
    EXPECT_FALSE(parse_handle(keys_, model::HandleKind::session, bad)) << bad.substr(0, 60);
  }
  // One bit of the id flipped: another block, whose zeros do not hold.
  std::string flipped = good;
  flipped[5] = flipped[5] == 'A' ? 'B' : 'A';
  EXPECT_FALSE(parse_handle(keys_, model::HandleKind::session, flipped));
}

TEST_F(Handles, can_become_another_kind_with_the_same_id_and_secret) {
  const auto made = make_handle(keys_, random_, model::HandleKind::refresh_token, base::RowId(77));
  const auto online = with_kind(keys_, model::HandleKind::online_refresh_token, made);
  EXPECT_TRUE(online.text.reveal().starts_with("ORT"));
  EXPECT_EQ(online.secret_hash, made.secret_hash);
  const auto read = parse_handle(keys_, model::HandleKind::online_refresh_token, online.text.reveal());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->id, made.id);
  EXPECT_EQ(read->secret_hash, made.secret_hash);
  EXPECT_FALSE(parse_handle(keys_, model::HandleKind::refresh_token, online.text.reveal()));
}

TEST_F(Handles, derived_successors_are_the_same_each_time_and_need_the_predecessor) {
  const auto first = make_handle(keys_, random_, model::HandleKind::refresh_token, base::RowId(1));
  const auto presented = parse_handle(keys_, model::HandleKind::refresh_token, first.text.reveal());
  ASSERT_TRUE(presented);
  const auto once = derive_successor(keys_, presented->secret, base::RowId(2));
  const auto again = derive_successor(keys_, presented->secret, base::RowId(2));
  EXPECT_EQ(once.text.reveal(), again.text.reveal());
  EXPECT_NE(once.text.reveal(), derive_successor(keys_, presented->secret, base::RowId(3)).text.reveal());
  EXPECT_NE(once.text.reveal(), derive_successor(keys_, crypto::Secret(std::string(32, 'x')), base::RowId(2)).text.reveal());
}

TEST_F(Handles, keep_their_id_and_change_their_secret_from_step_to_step) {
  constexpr auto kind = model::HandleKind::logout_walk;
  const auto first = *parse_handle(keys_, kind, make_handle(keys_, random_, kind, base::RowId(1)).text.reveal());
  const auto next = derive_next(keys_, kind, first);
  EXPECT_EQ(next.id, first.id);
  EXPECT_NE(next.secret_hash, first.secret_hash);
  EXPECT_EQ(next.text.reveal(), derive_next(keys_, kind, first).text.reveal()) << "it can be given again";
  const auto presented = *parse_handle(keys_, kind, next.text.reveal());
  EXPECT_EQ(presented.secret_hash, next.secret_hash);
  EXPECT_NE(derive_next(keys_, kind, presented).secret_hash, next.secret_hash);
  EXPECT_NE(derive_next(keys_, model::HandleKind::refresh_token, first).secret_hash, next.secret_hash);
  EXPECT_NE(derive_successor(keys_, first.secret, first.id).secret_hash, next.secret_hash);
}

}  // namespace
}  // namespace segue::tenancy
