// What this machine can do at best, measured in the same run as the rows (design §7).
#pragma once
#include <functional>
#include <string>

#include "bench/load.h"
#include "crypto/signing_key.h"

namespace segue::bench {

// How often a CPU-second of one thread is enough for it.
double per_cpu_second(const std::function<void()>& operation);
// Signatures per CPU-second of one thread.
double sign_rate(crypto::SignatureAlgorithm algorithm);

struct CommitRate {
  double per_second = 0;
  double per_cpu_second = 0;  // of this process: what a database server spends is not in it
};
// One tiny insert per write from 64 threads, each answered when it is durable.
CommitRate commit_rate(const std::string& database_url);

// The cheapest route there is: TLS, parse, tenant, answer.
Measurement trivial_route(const Load& load, double seconds);

}  // namespace segue::bench
