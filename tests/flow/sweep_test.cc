// One-time things are remembered for a day after their end, so that their reuse is recognised, and then forgotten.
#include "app/batch_size.h"
#include "openid.h"
#include "store/device_codes.h"
#include "store/ended_rows.h"
#include "store/expired_rows.h"
#include "store/login_attempts.h"
#include "support/handoff.h"

namespace segue::test {
namespace {
using namespace std::chrono_literals;

void sweep_after(World& world, base::Duration time) {
  world.clock.advance(time);
  world.sweep();
}

struct Code : OpenId {};

TEST_F(Code, replayed_23_hours_after_its_end_still_ends_what_it_produced) {
  const auto used = code(parameters({{"scope", "openid offline_access"}}));
  const auto tokens = redeem(web, used);
  ASSERT_FALSE(tokens.refresh_token().empty());
  sweep_after(world, 10min + 23h);
  expect_refused(redeem(web, used), 403, "invalid_grant", "Invalid authorization code");
  expect_refused(world.refresh(web, tokens.refresh_token()), 403, "invalid_grant", "Unknown or invalid refresh token.");
}

TEST_F(Code, replayed_after_the_sweep_is_unknown_and_ends_nothing) {
  const auto used = code(parameters({{"scope", "openid offline_access"}}));
  const auto tokens = redeem(web, used);
  sweep_after(world, 10min + 24h);
  expect_refused(redeem(web, used), 403, "invalid_grant", "Invalid authorization code");
  EXPECT_EQ(world.refresh(web, tokens.refresh_token()).status, 200);
}

TEST(SessionTransferToken, is_recognised_as_used_for_a_day_and_then_unknown) {
  Handoff h;
  auto first = h.browser(), second = h.browser(), third = h.browser();
  const auto token = h.transfer();
  ASSERT_TRUE(h.redeem(first, token).left);
  sweep_after(h.world, 1min + 23h);
  EXPECT_TRUE(h.redeem(second, token).is_login_page());
  EXPECT_EQ(detail_of(h.only_row("w"), "reason"), "already_used");
  sweep_after(h.world, 1h);
  EXPECT_TRUE(h.redeem(third, token).is_login_page());
  const auto rows = h.world.logs("type:w");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(detail_of(rows.front(), "reason"), "unknown");
}

struct Sweeper : OpenId {
  bool has_old_rows(base::TenantId tenant) {
    return world.node().product().store().read(
        tenant, [&](const store::Reader& r) { return store::expired_rows::find_table(r, world.clock.now()).has_value(); });
  }
  void add_device_codes(base::TenantId tenant, int first, int last) {
    auto& store = world.node().product().store();
    store.write(tenant, [&](const store::Writer& w) {
      for (int k = first; k < last; ++k) {
        model::DeviceCode device;
        device.device_code_id = w.ids.next();
        device.created_at = device.expires_at = world.clock.now();
        store::device_codes::insert(w, device, {}, crypto::sha256(std::to_string(k)));
      }
      return true;
    });
  }
};

TEST_F(Sweeper, works_for_every_tenant_once_a_minute) {
  world.add_tenant("other.example");
  const auto other = world.node().product().tenants().resolve("other.example")->tenant;
  add_device_codes(world.tenant(), 0, 1);
  add_device_codes(other, 0, 1);
  sweep_after(world, 24h);
  EXPECT_FALSE(has_old_rows(world.tenant()));
  EXPECT_FALSE(has_old_rows(other));
  add_device_codes(other, 1, 2);
  sweep_after(world, 24h);
  EXPECT_FALSE(has_old_rows(other));
}

TEST_F(Sweeper, removes_a_backlog_in_small_steps) {
  constexpr int kRows = 5000;
  add_device_codes(world.tenant(), 0, kRows);
  world.clock.advance(24h + 1s);  // so many ids of one moment reach into the next milliseconds
  int steps = 0;
  for (; has_old_rows(world.tenant()); ++steps) ASSERT_TRUE(world.node().product().sweep_step());
  EXPECT_GE(steps, kRows / app::BatchSize::kMost);
  world.sweep();
  EXPECT_FALSE(world.node().product().sweep_step()) << "and then rests";
}

TEST_F(Sweeper, removes_ended_sessions_and_tells_the_operator_port_how_many_and_how_fast) {
  sign_in();
  const auto has_session = [&] {
    return world.node().product().store().read(world.tenant(), [&](const store::Reader& r) {
      return store::ended_rows::look(r, store::ended_rows::Table::sessions, {}, 10, world.clock.now() + 25h).looked_at;
    });
  };
  sweep_after(world, 72h + 23h);  // the idle end of a session, and a day less an hour
  EXPECT_EQ(has_session(), 1);
  sweep_after(world, 2h);
  EXPECT_EQ(has_session(), 0);
  std::string text;
  world.node().product().sweep_metrics().write(text, world.clock.now());
  EXPECT_NE(text.find("segue_sweep_removed_rows_total{table=\"sessions\"} 1\n"), std::string::npos) << text;
  EXPECT_NE(text.find("segue_sweep_table_rows{table=\"sessions\"} 0\n"), std::string::npos) << text;
}

// A parent that ended without cascading stays as long as anything below it, for a missing ancestor denies.
TEST(GraphSweep, takes_nothing_that_a_live_descendant_asks) {
  Handoff h({.native_transfer = {{"enforce_cascade_revocation", false}},
             .web_transfer = {{"allow_refresh_token", true}, {"enforce_online_refresh_tokens", false}}});
  auto browser = h.browser();
  const auto native = h.sign_in();
  const auto tokens = h.exchange_code(h.redeem(browser, h.transfer_of(native), parameters({{"scope", "openid offline_access"}})));
  ASSERT_NE(tokens.refresh_token(), "");
  h.revoke(native, false);
  auto web = tokens.refresh_token();
  for (int day = 0; day < 8; ++day) {  // the session ends by its absolute lifetime, the parent has ended long before
    sweep_after(h.world, 24h);
    const auto refreshed = h.world.refresh(h.web, web);
    ASSERT_EQ(refreshed.status, 200) << day;
    if (!refreshed.refresh_token().empty()) web = refreshed.refresh_token();
  }
}

TEST(GraphSweep, keeps_spent_refresh_tokens_for_as_long_as_they_could_have_been_used) {
  Handoff h({.native = {{"refresh_token", json::object{{"rotation_type", "rotating"},
                                                       {"expiration_type", "expiring"},
                                                       {"token_lifetime", 864000},
                                                       {"idle_token_lifetime", 172800},
                                                       {"leeway", 0}}}}});
  const auto first = h.sign_in();
  const auto second = h.world.refresh(h.native, first).refresh_token();
  sweep_after(h.world, 24h);
  const auto third = h.world.refresh(h.native, second).refresh_token();
  ASSERT_NE(third, "");
  sweep_after(h.world, 47h);
  // Three days after its use, and a day after its end, the first is forgotten; the second is not.
  const auto fourth = h.world.refresh(h.native, third).refresh_token();
  sweep_after(h.world, 2h);
  EXPECT_EQ(h.world.refresh(h.native, first).status, 403);
  const auto fifth = h.world.refresh(h.native, fourth).refresh_token();
  EXPECT_NE(fifth, "") << "an unknown token ends nothing";
  EXPECT_EQ(h.world.refresh(h.native, second).status, 403);
  EXPECT_EQ(h.world.refresh(h.native, fifth).status, 403) << "a reused one ends its family";
}

TEST_F(Sweeper, forgets_failures_that_count_no_more) {
  ASSERT_EQ(world.password_tokens(world.native_client(), {.user_id = {}, .email = ada.email, .password = "wrong"}).error(),
            "invalid_grant");
  const auto counters = [&] {
    return world.node().product().store().read(world.tenant(), [&](const store::Reader& r) {
      return store::login_attempts::look_for_begun_before(r, world.clock.now(), "", 100).keys.size();
    });
  };
  EXPECT_EQ(counters(), 2u);
  sweep_after(world, 25h - 1us);
  EXPECT_EQ(counters(), 2u);
  sweep_after(world, 1min);
  EXPECT_EQ(counters(), 0u);
}

}  // namespace
}  // namespace segue::test
