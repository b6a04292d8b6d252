// What a page of a long list costs at the Management API.
#pragma once
#include <cstdint>

#include "bench/load.h"
#include "bench/server_process.h"

namespace segue::bench {

// Makes a twentieth as many clients as users, by requests, and stores the users past the product; then reads both lists to their
// end by checkpoint, in pages of 100 on one connection, and the first and the last page that an offset reaches. Prints what a
// page cost at the beginning and at the end. False when a list was not whole.
bool measure_listing(ServerProcess& server, const std::string& database_url, std::int64_t users);

}  // namespace segue::bench
