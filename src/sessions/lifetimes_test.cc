#include "sessions/lifetimes.h"

#include <gtest/gtest.h>

namespace segue::sessions {
namespace {
using namespace std::chrono_literals;

model::Tenant tenant_with(std::string_view settings) {
  model::Tenant out;
  out.settings = json::parse(settings)->get_object();
  return out;
}
Lifetimes of(std::string_view settings, bool persistent) {
  model::Session session;
  session.persistent = persistent;
  return lifetimes_of(tenant_with(settings), session);
}

TEST(Lifetimes, are_the_documented_ones_unless_set) {
  EXPECT_EQ(of("{}", true).absolute, 168h);
  EXPECT_EQ(of("{}", true).idle, 72h);
  EXPECT_EQ(of("{}", false).absolute, 72h);
  EXPECT_EQ(of("{}", false).idle, 24h);
  EXPECT_EQ(of(R"({"session_lifetime":"2"})", true).absolute, 168h) << "no number";
}

TEST(Lifetimes, are_exact_to_the_minute_in_hours_of_four_digits) {
  for (std::int64_t minutes = 1; minutes <= 2400 * 60; minutes += 7) {
    const auto hours = to_hours(std::chrono::minutes(minutes));
    ASSERT_EQ(clamped(kIdleSessionLifetime, hours.to_number<double>()), std::chrono::minutes(minutes));
  }
  EXPECT_EQ(of(R"({"session_lifetime":3.0167})", true).absolute, 181min);
}

TEST(Lifetimes, are_clamped_between_a_minute_and_the_limit_also_where_they_were_stored_otherwise) {
  EXPECT_EQ(of(R"({"session_lifetime":99999,"idle_session_lifetime":2401})", true).absolute, 8760h);
  EXPECT_EQ(of(R"({"session_lifetime":99999,"idle_session_lifetime":2401})", true).idle, 2400h);
  EXPECT_EQ(of(R"({"ephemeral_session_lifetime":8761})", false).absolute, 8760h);
  EXPECT_EQ(of(R"({"idle_ephemeral_session_lifetime":1e300})", false).idle, 2400h);
  EXPECT_EQ(of(R"({"session_lifetime":-5,"idle_session_lifetime":0})", true).absolute, 1min);
}

TEST(Lifetimes, shorten_a_session_and_never_lengthen_it) {
  model::Session session;
  session.created_at = base::from_seconds(1'790'000'000);
  session.last_interacted_at = session.created_at + 1h;
  session.expires_at = session.created_at + 10h;
  session.idle_expires_at = session.created_at + 4h;
  auto longer = session;
  shorten(longer, {20h, 20h});
  EXPECT_EQ(longer.expires_at, session.expires_at);
  EXPECT_EQ(longer.idle_expires_at, session.idle_expires_at);
  auto shorter = session;
  shorten(shorter, {5h, 2h});
  EXPECT_EQ(shorter.expires_at, session.created_at + 5h);
  EXPECT_EQ(shorter.idle_expires_at, session.last_interacted_at + 2h);
  auto over = session;
  shorten(over, {30min, 2h});
  EXPECT_EQ(over.idle_expires_at, over.expires_at) << "idle time ends with the session at the latest";
}

}  // namespace
}  // namespace segue::sessions
