// Time is injected. Only app/ builds a SystemClock; tests use ManualClock (tests/support).
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace segue::base {

using Duration = std::chrono::microseconds;
using Instant = std::chrono::sys_time<std::chrono::microseconds>;  // UTC

constexpr std::int64_t to_micros(Instant t) { return t.time_since_epoch().count(); }
constexpr Instant from_micros(std::int64_t us) { return Instant(Duration(us)); }
constexpr std::int64_t to_seconds(Instant t) { return std::chrono::floor<std::chrono::seconds>(t).time_since_epoch().count(); }
constexpr std::int64_t to_millis(Instant t) {
  return std::chrono::floor<std::chrono::milliseconds>(t).time_since_epoch().count();
}
constexpr Instant from_seconds(std::int64_t s) { return Instant(std::chrono::seconds(s)); }

// ISO 8601 UTC with milliseconds: 2026-05-08T16:00:56.685Z (contract §0).
std::string to_iso8601(Instant t);
// "20260508160056685": the 17 digits of a log id (contract §7.1).
std::string to_compact_digits(Instant t);
// RFC 7231 IMF-fixdate, for the Expires attribute of cookies.
std::string to_http_date(Instant t);
// Parses what to_iso8601 prints, with or without fraction; also a bare date.
std::optional<Instant> from_iso8601(std::string_view text);

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
};

}  // namespace segue::base
