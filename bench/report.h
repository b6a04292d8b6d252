// What is printed, and what it is compared with.
#pragma once
#include <map>
#include <string>

#include "bench/row.h"
#include "bench/server_process.h"

namespace segue::bench {

struct Limits {
  double trivial, commits;  // per CPU-second
};
using Results = std::map<std::string, Measurement, std::less<>>;  // by the row's name

// Measures and prints them. `database` as the server has it.
Limits measure_limits(const Load& load, const ServerProcess& server, const std::string& database);
double limit_of(const Row& row, const Limits& limits);

void print_start(double ready_ms, double first_ms, double idle_megabytes);
void print_heading();
void print_row(const Row& row, Measurement& got, double limit);
void print_comparison(Results& ours, Results& theirs);
// What a full store adds to each operation.
void print_growth(Results& empty, Results& full);

}  // namespace segue::bench
