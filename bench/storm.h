// Token requests while many sign in with passwords: hashing must not stand in their way.
#pragma once
#include "bench/load.h"
#include "bench/row.h"
#include "bench/world.h"

namespace segue::bench {

// Prints the p99 of `row` without and with the storm. The row's prepare() has run.
void measure_storm(const World& world, const Row& row, const Load& load, double seconds);

}  // namespace segue::bench
