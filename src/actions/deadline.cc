#include "actions/deadline.h"

#include <algorithm>
#include <limits>

namespace segue::actions {

std::chrono::steady_clock::time_point monotonic_now() { return std::chrono::steady_clock::now(); }

Deadline::Deadline(std::chrono::milliseconds from_now) : at_(monotonic_now() + from_now) {}

bool Deadline::passed() const { return monotonic_now() >= at_; }

int Deadline::left_ms() const {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(at_ - monotonic_now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, std::numeric_limits<int>::max()));
}

}  // namespace segue::actions
