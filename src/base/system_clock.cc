#include "base/system_clock.h"

namespace segue::base {

Instant SystemClock::now() const { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }

}  // namespace segue::base
