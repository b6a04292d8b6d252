// Figures of use (store/stats.h), on both engines.
#include "store/stats.h"

#include "contract/session_graph_fixture.h"
#include "store/logs.h"

namespace segue::store {
namespace {

using namespace std::chrono_literals;

class Stats : public SessionGraph {
 protected:
  void add_user(const std::string& user_id, std::optional<base::Instant> last_login, base::TenantId tenant = kOne) {
    run(
        [&](const Writer& w) {
          auto user = sample_user(user_id);
          user.email = user_id + "@example.com";
          users::insert(w, user);
          if (last_login) users::record_login(w, user_id, "192.0.2.1", *last_login);
        },
        tenant);
  }
  void log(const std::string& type, base::TenantId tenant = kOne) {
    run(
        [&](const Writer& w) {
          const auto id = w.ids.next();
          logs::index(w, {{.log_row_id = id, .date = now(), .type = type}}, id);
        },
        tenant);
  }
  std::map<std::int64_t, stats::Day> days(base::TenantId tenant = kOne) {
    return read([&](const Reader& r) { return stats::count_days(r, now() - 24h, now() + 24h); }, tenant);
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, Stats, ::testing::ValuesIn(every_place()), place_name);

TEST_P(Stats, count_who_signed_in_since) {
  add_user("auth0|new", now());
  add_user("auth0|old", now() - 48h);
  add_user("auth0|never", std::nullopt);
  const auto active = [&](base::TenantId tenant) {
    return read([&](const Reader& r) { return stats::count_active_users(r, now() - 24h); }, tenant);
  };
  EXPECT_EQ(active(kOne), 1);
  EXPECT_EQ(active(kTwo), 0);
}

TEST_P(Stats, count_the_rows_of_each_day) {
  for (const auto* type : {"s", "sepft", "ss", "pwd_leak", "f"}) log(type);
  log("s", kTwo);
  const auto counted = days();
  ASSERT_EQ(counted.size(), 1u);
  const auto& [number, day] = *counted.begin();
  EXPECT_EQ(number, now().time_since_epoch() / std::chrono::days(1));
  EXPECT_EQ(day.logins, 2);
  EXPECT_EQ(day.signups, 1);
  EXPECT_EQ(day.leaked_passwords, 1);
  EXPECT_EQ(days(kTwo).begin()->second.logins, 1);
}

}  // namespace
}  // namespace segue::store
