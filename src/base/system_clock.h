// The machine's clock. Built only by app/.
#pragma once
#include "base/clock.h"

namespace segue::base {

class SystemClock final : public Clock {
 public:
  Instant now() const override;
};

}  // namespace segue::base
