// A tenant log as long as that of a large operator.
#pragma once
#include <cstdint>
#include <string>

namespace segue::bench {

// Rows of the last days, indexed, one each 34 ms: users, addresses, applications, types and audiences as log_search.cc asks for
// them. Nobody else has the database open.
void store_logs(const std::string& database_url, std::int64_t rows);

// Names of which a prefix of n digits matches one row in 10^n.
inline constexpr const char* kUserPrefix = "auth0|1";

}  // namespace segue::bench
