// What the sweep has seen and done, for the operator port. Only the sweep's own walk counts rows: nothing is asked of the
// database for a number.
#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ids.h"

namespace segue::app {

class SweepMetrics {
 public:
  // One transaction that removed rows, and how long it held the writer.
  void removed(std::string_view table, std::int64_t rows, std::chrono::microseconds held);
  // A walk along a whole table has ended: so many rows older than a day remain, the oldest of them made then.
  void walked(std::string_view table, base::TenantId tenant, std::int64_t rows, base::Instant oldest);
  void write(std::string& out, base::Instant now) const;

 private:
  // Upper bounds in milliseconds; the last class has none.
  static constexpr std::array kBounds{1, 2, 5, 10, 20, 50, 100};

  mutable std::mutex mutex_;
  std::map<std::string, std::int64_t, std::less<>> removed_;
  std::array<std::int64_t, kBounds.size() + 1> by_time_{};
  std::chrono::microseconds total_{};
  struct Walked {
    std::int64_t rows = 0;
    base::Instant oldest{};
  };
  std::map<std::string, std::map<base::TenantId, Walked>, std::less<>> walked_;
};

}  // namespace segue::app
