#include "store/stats.h"

namespace segue::store::stats {
namespace {

constexpr sql::Statement kActive{"stats.count_active_users", R"sql(
    select count(*) from users where tenant_id = $1 and last_login >= $2 and linked_to = '')sql"};
// The row ids are in the order of time, and what the index of types is sorted by.
constexpr sql::Statement kDays{"stats.count_days", R"sql(
    select date / 86400000000, type, count(*) from log_index
     where tenant_id = $1 and type in ('s', 'sepft', 'ss', 'pwd_leak') and log_row_id >= $2 and log_row_id < $3
     group by 1, 2)sql"};

}  // namespace

std::int64_t count_active_users(const Reader& r, base::Instant since) {
  return *r.connection.maybe_one(kActive, {r.tenant, since}, [](const sql::Row& row) { return row.integer(0); });
}

std::map<std::int64_t, Day> count_days(const Reader& r, base::Instant from, base::Instant until) {
  std::map<std::int64_t, Day> out;
  r.connection.run(
      kDays, std::initializer_list<sql::Param>{r.tenant, base::IdGenerator::first_at(from), base::IdGenerator::first_at(until)},
      [&](const sql::Row& row) {
        auto& day = out[row.integer(0)];
        const auto type = row.text(1);
        auto& figure = type == "ss" ? day.signups : type == "pwd_leak" ? day.leaked_passwords : day.logins;
        figure += row.integer(2);
      });
  return out;
}

}  // namespace segue::store::stats
