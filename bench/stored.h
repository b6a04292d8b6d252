// A database as full as that of a large operator.
#pragma once
#include <cstdint>
#include <string>

namespace segue::bench {

// Copies one user over and over, past the product, under other names. Nobody else has the database open.
void store_users(const std::string& database_url, std::int64_t users);
// The same, and sessions of theirs, five each.
void store_copies(const std::string& database_url, std::int64_t users);
// Sessions that ended long ago, as many as asked for: copies of one, each with a relying party. Nobody else has the database
// open.
void store_ended_sessions(const std::string& database_url, std::int64_t sessions);
// How many of them are left.
std::int64_t count_ended_sessions(const std::string& database_url);

}  // namespace segue::bench
