// How much a tenant is used (contract §9.12 stats).
#pragma once
#include <cstdint>
#include <map>
#include <string>

#include "store/store.h"

namespace segue::store::stats {

// Users who signed in since then.
std::int64_t count_active_users(const Reader& r, base::Instant since);
// Of each day that has any: how many sign-ins (log rows `s`, and `sepft` of the password grant), sign-ups (`ss`) and `pwd_leak`.
// From the day of `from` to before `until`.
struct Day {
  std::int64_t logins = 0, signups = 0, leaked_passwords = 0;
};
std::map<std::int64_t, Day> count_days(const Reader& r, base::Instant from, base::Instant until);  // by day since 1970

}  // namespace segue::store::stats
