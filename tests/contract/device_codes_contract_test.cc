// Device codes as rows: whole, each step once, and each for its tenant only.
#include "store/device_codes.h"

#include "contract/session_graph_fixture.h"

namespace segue::store {
namespace {

using namespace std::chrono_literals;

struct DeviceCodes : SessionGraph {
  model::DeviceCode sample() {
    model::DeviceCode out;
    out.device_code_id = ids_.next();
    out.client_id = "tv";
    out.scope = "openid offline_access";
    out.audience = "https://api.example/";
    out.created_at = now();
    out.expires_at = now() + 900s;
    return out;
  }
  bool insert(const model::DeviceCode& device, int user_code = 2, base::TenantId tenant = kOne) {
    return write([&](const Writer& w) { return device_codes::insert(w, device, digest_of(1), digest_of(user_code)); }, tenant);
  }
  base::RowId inserted() {
    const auto device = sample();
    EXPECT_TRUE(insert(device));
    return device.device_code_id;
  }
  std::optional<device_codes::Found> find(base::RowId id, base::TenantId tenant = kOne) {
    return read([&](const Reader& r) { return device_codes::find(r, id); }, tenant);
  }
  model::DeviceState state(base::RowId id) { return find(id)->device.state; }
  bool approve(base::RowId id, base::TenantId tenant = kOne, base::Duration later = {}) {
    return write([&](const Writer& w) { return device_codes::approve(w, id, base::RowId(77), now() + later); }, tenant);
  }
  bool deny(base::RowId id, base::TenantId tenant = kOne, base::Duration later = {}) {
    return write([&](const Writer& w) { return device_codes::deny(w, id, now() + later); }, tenant);
  }
  bool consume(base::RowId id, int secret = 1, base::TenantId tenant = kOne, base::Duration later = {}) {
    return write([&](const Writer& w) { return device_codes::consume(w, id, digest_of(secret), now() + later); }, tenant);
  }
  bool expire(base::RowId id, base::TenantId tenant = kOne) {
    return write([&](const Writer& w) { return device_codes::expire(w, id); }, tenant);
  }
  bool poll(base::RowId id, base::Duration later, base::TenantId tenant = kOne) {
    return write([&](const Writer& w) { return device_codes::poll(w, id, 5, 12, now() + later); }, tenant);
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, DeviceCodes, ::testing::ValuesIn(every_place()), place_name);

TEST_P(DeviceCodes, come_back_as_they_went_in) {
  const auto device = sample();
  ASSERT_TRUE(insert(device));
  const auto found = find(device.device_code_id);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->secret_hash, digest_of(1));
  EXPECT_EQ(found->device.client_id, device.client_id);
  EXPECT_EQ(found->device.scope, device.scope);
  EXPECT_EQ(found->device.audience, device.audience);
  EXPECT_EQ(found->device.state, model::DeviceState::pending);
  EXPECT_EQ(found->device.interval_seconds, 5);
  EXPECT_EQ(found->device.authorization_code_id, base::RowId{});
  EXPECT_EQ(found->device.created_at, device.created_at);
  EXPECT_EQ(found->device.expires_at, device.expires_at);
  const auto by_code = read([&](const Reader& r) { return device_codes::find_by_user_code(r, digest_of(2)); }, kOne);
  ASSERT_TRUE(by_code);
  EXPECT_EQ(by_code->device_code_id, device.device_code_id);
  EXPECT_FALSE(read([&](const Reader& r) { return device_codes::find_by_user_code(r, digest_of(3)); }, kOne));
}

TEST_P(DeviceCodes, share_no_user_code_within_a_tenant) {
  ASSERT_TRUE(insert(sample()));
  const auto second = sample();
  EXPECT_FALSE(insert(second));
  EXPECT_FALSE(find(second.device_code_id));
  EXPECT_TRUE(insert(sample(), 2, kTwo));
}

TEST_P(DeviceCodes, are_approved_and_consumed_once) {
  const auto id = inserted();
  EXPECT_FALSE(consume(id)) << "nobody has approved it";
  EXPECT_TRUE(approve(id));
  EXPECT_FALSE(approve(id));
  EXPECT_FALSE(deny(id));
  EXPECT_EQ(find(id)->device.authorization_code_id, base::RowId(77));
  EXPECT_FALSE(consume(id, 9)) << "another secret";
  EXPECT_FALSE(consume(id, 1, kOne, 900s)) << "expired";
  EXPECT_TRUE(consume(id));
  EXPECT_FALSE(consume(id));
  EXPECT_FALSE(expire(id));
  EXPECT_EQ(state(id), model::DeviceState::consumed);
}

TEST_P(DeviceCodes, are_denied_once_and_stay_so) {
  const auto id = inserted();
  EXPECT_TRUE(deny(id));
  EXPECT_FALSE(deny(id));
  EXPECT_FALSE(approve(id));
  EXPECT_FALSE(expire(id));
  EXPECT_EQ(state(id), model::DeviceState::denied);
}

TEST_P(DeviceCodes, expire_once_and_take_no_answer_afterwards) {
  const auto id = inserted();
  EXPECT_FALSE(approve(id, kOne, 900s));
  EXPECT_FALSE(deny(id, kOne, 900s));
  EXPECT_TRUE(expire(id));
  EXPECT_FALSE(expire(id));
  EXPECT_FALSE(approve(id));
  EXPECT_EQ(state(id), model::DeviceState::expired);
}

TEST_P(DeviceCodes, lengthen_their_interval_for_who_asks_too_often) {
  const auto id = inserted();
  EXPECT_TRUE(poll(id, 0s));
  EXPECT_TRUE(poll(id, 5s)) << "exactly the interval";
  EXPECT_FALSE(poll(id, 9s));
  EXPECT_EQ(find(id)->device.interval_seconds, 10);
  EXPECT_FALSE(poll(id, 18s)) << "counted from the poll that was too early";
  EXPECT_EQ(find(id)->device.interval_seconds, 12) << "the longest";
  EXPECT_TRUE(poll(id, 30s));
}

TEST_P(DeviceCodes, are_another_tenants_nothing) {
  const auto id = inserted();
  EXPECT_FALSE(find(id, kTwo));
  EXPECT_FALSE(read([&](const Reader& r) { return device_codes::find_by_user_code(r, digest_of(2)); }, kTwo));
  EXPECT_FALSE(approve(id, kTwo));
  EXPECT_FALSE(deny(id, kTwo));
  EXPECT_FALSE(expire(id, kTwo));
  EXPECT_FALSE(poll(id, 0s, kTwo));
  EXPECT_EQ(find(id)->device.interval_seconds, 5);
  ASSERT_TRUE(approve(id));
  EXPECT_FALSE(consume(id, 1, kTwo));
  EXPECT_TRUE(consume(id));
}

}  // namespace
}  // namespace segue::store
