// A database as full as that of a large operator.
#pragma once
#include <cstdint>
#include <string>

namespace segue::bench {

// Copies one user and one session over and over, past the product: users with other names, sessions of theirs, five each.
// Nobody else has the database open.
void store_copies(const std::string& database_url, std::int64_t users);

}  // namespace segue::bench
