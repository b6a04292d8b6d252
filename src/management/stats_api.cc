#include "management/stats_api.h"

#include "base/text.h"
#include "management/answers.h"
#include "management/errors.h"
#include "store/stats.h"

namespace segue::management {
namespace stats_api {
namespace {

constexpr auto kMonth = std::chrono::days(30);  // what counts as active, and how long the log is kept

base::Result<http::Response> get_active_users(const Services& services, Invocation& invocation) {
  const auto count = services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) {
    return store::stats::count_active_users(r, invocation.now - kMonth);
  });
  return json_answer(200, count);
}

// "20240131"
base::Result<std::chrono::sys_days> read_day(const json::object& query, std::string_view name, std::chrono::sys_days otherwise) {
  const auto text = json::find_string(query, name);
  if (!text) return otherwise;
  const auto number = text->size() == 8 ? base::parse_integer(*text) : std::nullopt;
  if (number) {
    const std::chrono::year_month_day day{std::chrono::year(static_cast<int>(*number / 10000)),
                                          std::chrono::month(static_cast<unsigned>(*number / 100 % 100)),
                                          std::chrono::day(static_cast<unsigned>(*number % 100))};
    if (day.ok()) return std::chrono::sys_days(day);
  }
  return invalid_query("Query validation error: 'String does not match pattern ^[0-9]{8}$: " + *text + "' on property " +
                       std::string(name) + " (A day, as YYYYMMDD).");
}

base::Result<http::Response> get_daily(const Services& services, Invocation& invocation) {
  const auto today = std::chrono::floor<std::chrono::days>(invocation.now);
  const auto from = TRY(read_day(invocation.query, "from", today - kMonth));
  const auto to = TRY(read_day(invocation.query, "to", today));
  // The log is no older, and an answer of any length would be no answer.
  const auto first = std::max(from, to - std::chrono::days(366));
  const auto counted = services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) {
    return store::stats::count_days(r, first, to + std::chrono::days(1));
  });
  json::array out;
  for (const auto& [number, day] : counted) {
    const auto date = base::to_iso8601(base::Instant(std::chrono::days(number)));
    out.push_back(json::object{{"date", date},
                               {"logins", day.logins},
                               {"signups", day.signups},
                               {"leaked_passwords", day.leaked_passwords},
                               {"created_at", date},
                               {"updated_at", base::to_iso8601(invocation.now)}});
  }
  return json_answer(200, out);
}

const Operation kActiveUsers{.method = http::Method::get,
                             .path = "/api/v2/stats/active-users",
                             .id = "get_active-users",
                             .scopes = {"read:stats"},
                             .statuses = {200},
                             .summary = "Get active users count",
                             .handler = get_active_users};
const Operation kDaily{.method = http::Method::get,
                       .path = "/api/v2/stats/daily",
                       .id = "get_daily",
                       .scopes = {"read:stats"},
                       .query = {{.name = "from", .description = "First day, as YYYYMMDD", .max_length = 8},
                                 {.name = "to", .description = "Last day, as YYYYMMDD", .max_length = 8}},
                       .statuses = {200},
                       .summary = "Get daily stats",
                       .handler = get_daily};

}  // namespace
}  // namespace stats_api

std::vector<const Operation*> stats_operations() { return {&stats_api::kActiveUsers, &stats_api::kDaily}; }

}  // namespace segue::management
