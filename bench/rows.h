// The first five rows of the table in design §7, as operations for the load generator.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "bench/load.h"
#include "bench/world.h"

namespace segue::bench {

struct Row {
  int number;  // in the design's table
  std::string name;
  int rs256_signatures, es256_signatures;  // per operation
  double aim;                              // operations per CPU-second; with RS256 signatures a share of this machine's sign rate
  std::function<void()> prepare;           // before the first batch; with one-time tickets before each
  bool in_batches;                         // tickets run out: several batches fill the time
  Operation operation;
};

// Borrows both.
std::vector<Row> make_rows(const World& world, const Load& load);

Measurement measure(const Row& row, const Load& load, double seconds);

}  // namespace segue::bench
