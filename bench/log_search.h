// What a search of the tenant log costs when the log is long.
#pragma once
#include <cstdint>

#include "bench/load.h"
#include "bench/server_process.h"

namespace segue::bench {

// Stores so many log rows and asks for pages of 100, on one connection, each kind of search for so long. Prints p50 and p99
// beside the aim. False when a search was answered otherwise than with a page.
bool measure_log_search(ServerProcess& server, const std::string& database_url, std::int64_t rows, double seconds);

}  // namespace segue::bench
