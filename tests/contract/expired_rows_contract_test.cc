// What has expired is remembered for a day and then removed, whatever became of it, of every table and of no other tenant.
#include "store/expired_rows.h"

#include "contract/session_graph_fixture.h"
#include "store/device_codes.h"
#include "store/logout_walks.h"
#include "store/pushed_requests.h"

namespace segue::store {
namespace {

using namespace std::chrono_literals;

struct ExpiredRows : SessionGraph {
  // One row of each table, which expires in `lifetime`.
  struct Rows {
    base::RowId pushed, transaction, code, transfer, device, walk;
  };
  Rows make_rows(int user_code, base::Duration lifetime, base::TenantId tenant = kOne) {
    const Rows out{ids_.next(), ids_.next(), ids_.next(), ids_.next(), ids_.next(), ids_.next()};
    auto transaction = sample_transaction();
    auto code = sample_code();
    auto transfer = sample_transfer_token();
    model::PushedRequest pushed{.pushed_request_id = out.pushed, .client_id = "app", .parameters = "", .created_at = now()};
    model::DeviceCode device;
    device.device_code_id = out.device;
    transaction.transaction_id = out.transaction;
    code.authorization_code_id = out.code;
    transfer.session_transfer_token_id = out.transfer;
    device.created_at = now();
    model::LogoutWalk walk;
    walk.logout_walk_id = out.walk;
    pushed.expires_at = transaction.expires_at = code.expires_at = transfer.expires_at = device.expires_at = walk.expires_at =
        now() + lifetime;
    run(
        [&](const Writer& w) {
          pushed_requests::insert(w, pushed, digest_of(1));
          pending::insert(w, transaction, digest_of(1), {});
          codes::insert(w, code, digest_of(1));
          stts::insert(w, transfer, digest_of(1));
          ASSERT_TRUE(device_codes::insert(w, device, digest_of(1), digest_of(user_code)));
          logout_walks::insert(w, walk, digest_of(1));
        },
        tenant);
    return out;
  }
  int left(const Rows& rows, base::TenantId tenant = kOne) {
    return read(
        [&](const Reader& r) {
          return int{pushed_requests::find(r, rows.pushed).has_value()} + int{pending::find(r, rows.transaction).has_value()} +
                 int{codes::find(r, rows.code).has_value()} + int{stts::find(r, rows.transfer).has_value()} +
                 int{device_codes::find(r, rows.device).has_value()} + int{logout_walks::find(r, rows.walk).has_value()};
        },
        tenant);
  }
  std::optional<std::size_t> table(base::TenantId tenant = kOne) {
    return read([&](const Reader& r) { return expired_rows::find_table(r, now()); }, tenant);
  }
  std::int64_t sweep(base::TenantId tenant = kOne) {
    std::int64_t removed = 0;
    while (const auto found = table(tenant))
      removed += write([&](const Writer& w) { return expired_rows::sweep(w, *found, now(), 1000); }, tenant);
    return removed;
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, ExpiredRows, ::testing::ValuesIn(every_place()), place_name);

TEST_P(ExpiredRows, are_removed_a_day_after_their_end_and_no_sooner) {
  const auto rows = make_rows(2, 30s);
  clock_.advance(24h + 30s - 1us);
  EXPECT_FALSE(table());
  EXPECT_EQ(left(rows), 6);
  clock_.advance(1us);
  EXPECT_EQ(sweep(), 6);
  EXPECT_EQ(left(rows), 0);
  EXPECT_FALSE(table());
}

TEST_P(ExpiredRows, are_removed_whether_they_were_used_or_not) {
  const auto rows = make_rows(2, 30s);
  run([&](const Writer& w) {
    EXPECT_TRUE(pushed_requests::consume(w, rows.pushed, digest_of(1), "app", now()));
    EXPECT_TRUE(pending::finish(w, rows.transaction, now()));
    EXPECT_TRUE(codes::consume(w, rows.code, digest_of(1), base::RowId(7), now()));
    EXPECT_TRUE(stts::consume(w, rows.transfer, digest_of(1), "app", now()));
    EXPECT_TRUE(device_codes::deny(w, rows.device, now()));
    EXPECT_EQ(logout_walks::take_over(w, model::Digest{}, now()).size(), 1u);
  });
  clock_.advance(24h + 30s);
  EXPECT_EQ(sweep(), 6);
}

TEST_P(ExpiredRows, do_not_take_those_that_live_longer_with_them) {
  const auto lasting = make_rows(2, 1h);
  const auto brief = make_rows(3, 30s);
  clock_.advance(24h + 30s);
  const auto fresh = make_rows(4, 30s);
  EXPECT_EQ(sweep(), 6);
  EXPECT_EQ(left(brief), 0);
  EXPECT_EQ(left(lasting), 6);
  EXPECT_EQ(left(fresh), 6);
}

TEST_P(ExpiredRows, of_another_tenant_are_left_to_its_own_sweep) {
  const auto mine = make_rows(2, 30s);
  const auto theirs = make_rows(2, 30s, kTwo);
  clock_.advance(25h);
  EXPECT_EQ(sweep(), 6);
  EXPECT_EQ(left(mine), 0);
  EXPECT_EQ(left(theirs, kTwo), 6);
  EXPECT_EQ(sweep(kTwo), 6);
  EXPECT_EQ(left(theirs, kTwo), 0);
}

TEST_P(ExpiredRows, are_removed_in_batches) {
  run([&](const Writer& w) {
    for (int k = 0; k < 1001; ++k) stts::insert(w, sample_transfer_token(), digest_of(1));
  });
  clock_.advance(25h);
  const auto found = table();
  ASSERT_TRUE(found);
  EXPECT_EQ(write([&](const Writer& w) { return expired_rows::sweep(w, *found, now(), 1000); }), 1000);
  EXPECT_EQ(sweep(), 1);
}

TEST_P(ExpiredRows, of_failure_counters_are_those_whose_window_began_long_ago) {
  const auto count = [&](std::string_view key, base::TenantId tenant = kOne) {
    run([&](const Writer& w) { login_attempts::count_failure(w, key, 10, 1h, 1h, now()); }, tenant);
  };
  const auto found = [&](std::string_view key, base::TenantId tenant = kOne) {
    return read([&](const Reader& r) { return login_attempts::find(r, key).has_value(); }, tenant);
  };
  count("old");
  count("old again");
  count("old", kTwo);
  clock_.advance(2h);
  count("old again");
  count("new");
  const auto begun = now() - 2h;
  const auto page = read([&](const Reader& r) { return login_attempts::look_for_begun_before(r, begun, "", 10); });
  EXPECT_THAT(page.keys, testing::ElementsAre("old"));
  EXPECT_EQ(page.looked_at, 3);
  EXPECT_EQ(page.last, "old again");
  const auto rest = read([&](const Reader& r) { return login_attempts::look_for_begun_before(r, begun, "old", 1); });
  EXPECT_TRUE(rest.keys.empty());
  EXPECT_EQ(rest.last, "old again");
  run([&](const Writer& w) {
    for (const auto* key : {"old", "old again", "new"}) login_attempts::remove_begun_before(w, key, begun);
  });
  EXPECT_FALSE(found("old"));
  EXPECT_TRUE(found("old again")) << "it has started again";
  EXPECT_TRUE(found("new"));
  EXPECT_TRUE(found("old", kTwo));
}

}  // namespace
}  // namespace segue::store
