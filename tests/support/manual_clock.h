// Time that only a test moves.
#pragma once
#include <atomic>

#include "base/clock.h"

namespace segue::test {

class ManualClock final : public base::Clock {
 public:
  explicit ManualClock(base::Instant start = base::from_seconds(1'790'000'000)) : micros_(base::to_micros(start)) {}
  base::Instant now() const override { return base::from_micros(micros_.load()); }
  void advance(base::Duration by) { micros_ += by.count(); }
  void set(base::Instant t) { micros_ = base::to_micros(t); }

 private:
  std::atomic<std::int64_t> micros_;
};

}  // namespace segue::test
