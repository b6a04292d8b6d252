#include "base/clock.h"

#include <fmt/format.h>

#include <ctime>

namespace segue::base {
namespace {

std::tm broken_down(Instant t) {
  const std::time_t seconds = to_seconds(t);
  std::tm tm{};
  gmtime_r(&seconds, &tm);
  return tm;
}

// Exactly `width` digits from the front of `text`: no signs and no white space, which scanf lets pass.
bool take_number(std::string_view& text, std::size_t width, int& out) {
  if (text.size() < width) return false;
  int number = 0;
  for (const char c : text.substr(0, width)) {
    if (c < '0' || c > '9') return false;
    number = number * 10 + (c - '0');
  }
  text.remove_prefix(width);
  out = number;
  return true;
}

bool take(std::string_view& text, char wanted) {
  if (!text.starts_with(wanted)) return false;
  text.remove_prefix(1);
  return true;
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
  int y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0;
  const bool has_date =
      take_number(text, 4, y) && take(text, '-') && take_number(text, 2, mo) && take(text, '-') && take_number(text, 2, d);
  if (!has_date) return std::nullopt;
  std::int64_t fraction_us = 0;
  if (!text.empty()) {
    const bool has_time = take(text, 'T') && take_number(text, 2, h) && take(text, ':') && take_number(text, 2, mi) &&
                          take(text, ':') && take_number(text, 2, s);
    if (!has_time) return std::nullopt;
    if (take(text, '.')) {
      int digit = 0;
      if (!take_number(text, 1, digit)) return std::nullopt;
      std::int64_t scale = 100000;
      do {
        fraction_us += digit * scale;
        scale /= 10;
      } while (take_number(text, 1, digit));
    }
    if (text != "Z") return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(y), std::chrono::month(static_cast<unsigned>(mo)),
                                         std::chrono::day(static_cast<unsigned>(d))};
  if (!date.ok() || h > 23 || mi > 59 || s > 60) return std::nullopt;
  const auto time = Instant(std::chrono::sys_days(date)) + std::chrono::hours(h) + std::chrono::minutes(mi) +
                    std::chrono::seconds(s) + Duration(fraction_us);
  // The leap second that would be the year 10000, which has no text here.
  if (time >= std::chrono::sys_days(std::chrono::year(10000) / 1 / 1)) return std::nullopt;
  return time;
}

}  // namespace segue::base
