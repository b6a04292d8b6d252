#include "app/database_clock.h"

#include <time.h>

#include <algorithm>
#include <cstdlib>

namespace segue::app {
namespace {
constexpr std::int64_t kMostForward = base::Duration(std::chrono::minutes(1)).count();
constexpr std::int64_t kMostBack = base::Duration(std::chrono::seconds(5)).count();
constexpr std::int64_t kPlausible = base::Duration(std::chrono::seconds(5)).count();
}  // namespace

// The clock that also counts while the machine is suspended: waking up is no jump.
std::chrono::microseconds SystemTicker::elapsed() const {
  timespec t{};
  ::clock_gettime(CLOCK_BOOTTIME, &t);
  return std::chrono::seconds(t.tv_sec) +
         std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::nanoseconds(t.tv_nsec));
}

DatabaseClock::DatabaseClock(const base::Clock& wall, const Ticker& ticker, base::Instant high_water)
    : wall_(wall),
      ticker_(ticker),
      offset_(std::max(base::to_micros(wall.now()), base::to_micros(high_water)) - ticker.elapsed().count()),
      newest_(base::to_micros(high_water)) {}

base::Instant DatabaseClock::expected() const {
  return base::from_micros(ticker_.elapsed().count() + offset_.load(std::memory_order_relaxed));
}

base::Instant DatabaseClock::raised(base::Instant t) const {
  auto newest = newest_.load(std::memory_order_relaxed);
  while (newest < base::to_micros(t) && !newest_.compare_exchange_weak(newest, base::to_micros(t), std::memory_order_relaxed)) {
  }
  return base::from_micros(std::max(newest, base::to_micros(t)));
}

base::Instant DatabaseClock::now() const {
  const auto wall = wall_.now();
  const auto steady = expected();
  const auto ahead = (wall - steady).count();
  // A step of the wall clock in either direction is an operator's mistake or an attack; time goes on as it did.
  return raised(ahead > kMostForward || ahead < -kMostBack ? steady : wall);
}

void DatabaseClock::observe(base::Instant high_water) {
  const auto elapsed = ticker_.elapsed().count();
  const auto ahead = base::to_micros(wall_.now()) - (elapsed + offset_.load(std::memory_order_relaxed));
  if (ahead <= kMostForward && ahead >= -kMostBack) offset_.fetch_add(ahead, std::memory_order_relaxed);
  // Another node's time, if it is no jump either: this node answers no earlier than what that one has stored.
  const auto ours = base::to_micros(now());
  const auto theirs = base::to_micros(high_water);
  if (theirs > ours && theirs - ours <= kMostForward) raised(high_water);
}

bool DatabaseClock::is_plausible() const {
  const auto difference = base::to_micros(wall_.now()) - base::to_micros(now());
  return std::abs(difference) <= kPlausible;
}

}  // namespace segue::app
