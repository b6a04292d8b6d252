#include "base/clock.h"

#include <fmt/format.h>

#include <cstdio>
#include <ctime>

namespace segue::base {
namespace {

std::tm broken_down(Instant t) {
  const std::time_t seconds = to_seconds(t);
  std::tm tm{};
  gmtime_r(&seconds, &tm);
  return tm;
}

int millis_of(Instant t) { return static_cast<int>(to_millis(t) - to_seconds(t) * 1000); }

}  // namespace

std::string to_iso8601(Instant t) {
  const auto tm = broken_down(t);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
                     tm.tm_min, tm.tm_sec, millis_of(t));
}

std::string to_compact_digits(Instant t) {
  const auto tm = broken_down(t);
  return fmt::format("{:04}{:02}{:02}{:02}{:02}{:02}{:03}", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
                     tm.tm_sec, millis_of(t));
}

std::string to_http_date(Instant t) {
  const auto tm = broken_down(t);
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[tm.tm_wday], tm.tm_mday, kMonths[tm.tm_mon],
                     tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

std::optional<Instant> from_iso8601(std::string_view text) {
  const std::string copy(text);
  int y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0, used = 0;
  if (std::sscanf(copy.c_str(), "%4d-%2d-%2d%n", &y, &mo, &d, &used) != 3 || used != 10) return std::nullopt;
  std::int64_t fraction_us = 0;
  if (copy.size() > 10) {
    int more = 0;
    if (std::sscanf(copy.c_str() + 10, "T%2d:%2d:%2d%n", &h, &mi, &s, &more) != 3 || more != 9) return std::nullopt;
    std::size_t at = 19;
    if (at < copy.size() && copy[at] == '.') {
      std::int64_t scale = 100000;
      for (++at; at < copy.size() && copy[at] >= '0' && copy[at] <= '9'; ++at, scale /= 10) fraction_us += (copy[at] - '0') * scale;
    }
    if (copy.substr(at) != "Z") return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(y), std::chrono::month(static_cast<unsigned>(mo)),
                                         std::chrono::day(static_cast<unsigned>(d))};
  if (!date.ok() || h > 23 || mi > 59 || s > 60) return std::nullopt;
  return Instant(std::chrono::sys_days(date)) + std::chrono::hours(h) + std::chrono::minutes(mi) + std::chrono::seconds(s) +
         Duration(fraction_us);
}

}  // namespace segue::base
