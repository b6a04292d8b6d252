// All rows of Segue: the handoff, and what any OpenID Provider does.
#pragma once
#include <vector>

#include "bench/row.h"
#include "bench/world.h"

namespace segue::bench {

// Borrows both.
std::vector<Row> make_rows(const World& world, const Load& load);

}  // namespace segue::bench
