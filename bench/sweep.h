// Token requests while what has ended is swept: the writer is shared with the sweep.
#pragma once
#include <cstdint>
#include <string>

#include "bench/load.h"
#include "bench/row.h"
#include "bench/server_process.h"

namespace segue::bench {

// Prints the p99 of `row` at full load without and with the sweep of so many ended sessions. The row's prepare() has run; its
// tokens are of this server.
void measure_sweep(ServerProcess& server, const std::string& database_url, std::int64_t sessions, const Row& row, Load load,
                   double seconds);

}  // namespace segue::bench
