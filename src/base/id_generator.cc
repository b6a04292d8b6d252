#include "base/id_generator.h"

#include <algorithm>

namespace segue::base {
namespace {
// 2024-01-01T00:00:00Z: 41 bits of milliseconds from here last until 2093.
constexpr std::int64_t kEpochMillis = 1704067200000;
constexpr std::int64_t kLastMillis = (std::int64_t{1} << 41) - 1;
}  // namespace

RowId IdGenerator::next() {
  const std::scoped_lock lock(mutex_);
  const auto millis = std::max(to_millis(clock_.now()), last_millis_);
  sequence_ = millis == last_millis_ ? sequence_ + 1 : 0;
  last_millis_ = millis;
  if (sequence_ >= 4096) {  // more than 4,096 ids in one millisecond borrow from the next
    sequence_ = 0;
    ++last_millis_;
  }
  return RowId(((last_millis_ - kEpochMillis) << 22) | (static_cast<std::int64_t>(node_) << 12) | sequence_);
}

Instant IdGenerator::time_of(RowId id) { return Instant(std::chrono::milliseconds((to_integer(id) >> 22) + kEpochMillis)); }

// A time that no id reaches is the nearest one that some id has: "up to the year 9999" means every row.
RowId IdGenerator::first_at(Instant t) {
  return RowId(std::clamp<std::int64_t>(to_millis(t) - kEpochMillis, 0, kLastMillis) << 22);
}

}  // namespace segue::base
