// How users are listed, on both engines: every one once, whatever the order, and only the tenant's own.
#include "contract/session_graph_fixture.h"

namespace segue::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class UserLists : public SessionGraph {
 protected:
  void add(const std::string& user_id, std::chrono::seconds after) {
    auto user = sample_user(user_id);
    user.email = user_id + "@example.com";
    user.username = user_id;
    user.created_at = now() + after;
    run([&](const Writer& w) { EXPECT_EQ(users::insert(w, user), users::Written::done); });
  }
  static std::vector<std::string> ids(const std::vector<model::User>& list) {
    std::vector<std::string> out;
    for (const auto& user : list) out.push_back(user.user_id);
    return out;
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, UserLists, ::testing::ValuesIn(every_place()), place_name);

TEST_P(UserLists, go_on_behind_a_place_in_each_order) {
  using namespace std::chrono_literals;
  add("c", 0s);
  add("a", 1s);
  add("b", 1s);
  read([&](const Reader& r) {
    EXPECT_THAT(ids(users::list_after(r, {.after = "", .take = 2})), ElementsAre("a", "b"));
    EXPECT_THAT(ids(users::list_after(r, {.after = "b", .take = 2})), ElementsAre("c"));
    EXPECT_THAT(ids(users::list_created_after(r, {base::Instant::min(), ""}, 5)), ElementsAre("c", "a", "b"));
    EXPECT_THAT(ids(users::list_created_after(r, {now() + 1s, "a"}, 5)), ElementsAre("b"));
    EXPECT_THAT(ids(users::list_created_before(r, {base::Instant::max(), ""}, 2)), ElementsAre("b", "a"));
    EXPECT_THAT(ids(users::list_created_before(r, {now() + 1s, "a"}, 5)), ElementsAre("c"));
    return 0;
  });
  read(
      [&](const Reader& r) {
        EXPECT_THAT(users::list_after(r, {.after = "", .take = 5}), IsEmpty());
        EXPECT_THAT(users::list_created_after(r, {base::Instant::min(), ""}, 5), IsEmpty());
        EXPECT_THAT(users::list_created_before(r, {base::Instant::max(), ""}, 5), IsEmpty());
        return 0;
      },
      kTwo);
}

}  // namespace
}  // namespace segue::store
