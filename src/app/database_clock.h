// The node's time under the rules of design §5: never behind what the database has seen, never carried away by a jump.
#pragma once
#include <atomic>
#include <chrono>

#include "base/clock.h"

namespace segue::app {

// Time that passes evenly and knows no date.
class Ticker {
 public:
  virtual ~Ticker() = default;
  virtual std::chrono::microseconds elapsed() const = 0;
};

class SystemTicker final : public Ticker {
 public:
  std::chrono::microseconds elapsed() const override;
};

class DatabaseClock final : public base::Clock {
 public:
  // `high_water` is the newest time that any node has stored.
  DatabaseClock(const base::Clock& wall, const Ticker& ticker, base::Instant high_water);

  base::Instant now() const override;
  // Follows small corrections of the wall clock, so that the two do not drift apart. Called each second.
  void observe(base::Instant high_water);
  // False when this clock and the machine's differ by more than 5 s: the node is not ready then.
  bool is_plausible() const;

 private:
  base::Instant expected() const;
  base::Instant raised(base::Instant t) const;

  const base::Clock& wall_;
  const Ticker& ticker_;
  std::atomic<std::int64_t> offset_;          // expected time = ticker + offset
  mutable std::atomic<std::int64_t> newest_;  // what now() has answered: it never goes back
};

}  // namespace segue::app
