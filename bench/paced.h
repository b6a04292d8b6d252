// Open-loop load: requests are due at a fixed rate, whether or not the earlier ones were answered.
#pragma once
#include "bench/load.h"

namespace segue::bench {

struct Pace {
  double per_second;
  int connections = 32;
};

// A latency counts from when its request was due, so that waiting for a free connection is in it.
Measurement run_paced(const Target& target, const Operation& operation, const Pace& pace, double seconds);

}  // namespace segue::bench
