// One operation of the bench, and how long it is measured.
#pragma once
#include <functional>
#include <string>

#include "bench/load.h"

namespace segue::bench {

// What a row cannot beat on this machine.
enum class Bound {
  rsa,     // its RSA signatures; the aim is a share of the sign rate
  commit,  // the trivial route, one commit and its P-256 signatures; the aim is a rate
  http,    // the trivial route; the aim is a share of it
  xml      // one signature of xmlsec's over an answer that the row was given; the aim is a share of that rate
};

struct Row {
  int number;  // docs/dev/bench.md
  std::string name;
  Bound bound;
  int es256_signatures;  // per operation
  double aim;            // 0: none is set
  Operation operation;
  std::function<void()> prepare = [] {};  // before the first batch; with one-time tickets before each
  bool in_batches = false;                // tickets run out: several batches fill the time
  // With `Bound::xml`: operations per CPU-second. Asked once the row has been measured.
  std::function<double()> own_limit = [] { return 0.0; };
};

Measurement measure(const Row& row, const Load& load, double seconds);

// A row that spends one-time tickets: `make` gives one, `spend` uses it up.
Row spending(Row row, const Load& load, std::function<std::string(int, HttpsClient&)> make,
             std::function<void(HttpsClient&, const std::string&)> spend);

}  // namespace segue::bench
