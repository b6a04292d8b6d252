// One-time things are remembered for a day after their end, so that their reuse is recognised, and then forgotten.
#include "openid.h"
#include "store/device_codes.h"
#include "store/expired_rows.h"
#include "store/login_attempts.h"
#include "support/handoff.h"

namespace segue::test {
namespace {
using namespace std::chrono_literals;

void sweep_after(World& world, base::Duration time) {
  world.clock.advance(time);
  world.node().product().sweep();
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

TEST_F(Sweeper, removes_a_backlog_over_several_calls) {
  for (int k = 0; k < 17; ++k) add_device_codes(world.tenant(), k * 1000, (k + 1) * 1000);
  sweep_after(world, 24h + 1s);  // so many ids of one moment reach into the next milliseconds
  EXPECT_TRUE(has_old_rows(world.tenant()));
  sweep_after(world, 0s);
  EXPECT_FALSE(has_old_rows(world.tenant()));
}

TEST_F(Sweeper, forgets_failures_that_count_no_more) {
  ASSERT_EQ(world.password_tokens(world.native_client(), {.user_id = {}, .email = ada.email, .password = "wrong"}).error(),
            "invalid_grant");
  const auto counters = [&] {
    return world.node().product().store().read(world.tenant(), [&](const store::Reader& r) {
      return store::login_attempts::list_begun_before(r, world.clock.now()).size();
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
