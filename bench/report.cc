#include "bench/report.h"

#include <cstdio>

#include "bench/limits.h"

namespace segue::bench {
namespace {

const char* verdict(bool met) { return met ? "met" : "MISSED"; }

}  // namespace

Limits measure_limits(const Load& load, const ServerProcess& server, const std::string& database) {
  using crypto::SignatureAlgorithm;
  auto trivial = trivial_route(load, 2);
  const auto commits = commit_rate("sqlite:" + (server.folder() / "commits.db").string());
  std::printf(
      "limits: RSA-2048 %.0f/s, P-256 %.0f/s (one core alone); trivial route %.0f/s, %.0f per CPU-second; SQLite commits %.0f/s, "
      "%.0f per CPU-second\n",
      sign_rate(SignatureAlgorithm::RS256), sign_rate(SignatureAlgorithm::ES256), trivial.rate(), trivial.per_cpu_second(),
      commits.per_second, commits.per_cpu_second);
  if (!database.empty()) {
    const auto own = commit_rate(database);
    std::printf("        this database: commits %.0f/s; what its server process spends is in no number below\n", own.per_second);
  }
  return {trivial.per_cpu_second(), commits.per_cpu_second};
}

double limit_of(const Row& row, const Limits& limits) {
  switch (row.bound) {
    case Bound::rsa: return sign_rate(crypto::SignatureAlgorithm::RS256);
    case Bound::http: return limits.trivial;
    case Bound::xml: return row.own_limit();
    case Bound::commit: break;
  }
  const double signing = row.es256_signatures > 0 ? row.es256_signatures / sign_rate(crypto::SignatureAlgorithm::ES256) : 0;
  return 1 / (1 / limits.trivial + 1 / limits.commits + signing);
}

void print_start(double ready_ms, double first_ms, double idle_megabytes) {
  std::printf(
      "ready in %.0f ms on an existing database (aim < 150, %s; first start %.0f ms); %.1f MB resident when idle (aim < 48, "
      "%s)\n",
      ready_ms, verdict(ready_ms < 150), first_ms, idle_megabytes, verdict(idle_megabytes < 48));
}

void print_heading() {
  std::printf("  %-38s %8s %8s %7s %9s %7s %7s %9s %6s %9s\n", "", "ops/s", "CPU us", "(later)", "per CPU-s", "p50 ms", "p99 ms",
              "limit", "ratio", "aim");
}

void print_row(const Row& row, Measurement& got, double limit) {
  const double aim = row.bound == Bound::commit ? row.aim : row.aim * limit;
  std::printf("%d %-38s %8.0f %8.1f %7.1f %9.0f %7.1f %7.1f %9.0f %6.2f %9.0f  %s\n", row.number, row.name.c_str(), got.rate(),
              got.cpu_micros(), got.later_micros(), got.per_cpu_second(), got.percentile(0.5), got.percentile(0.99), limit,
              got.per_cpu_second() / limit, aim, aim == 0 ? "" : verdict(got.per_cpu_second() >= aim));
}

// Where both answered.
void print_comparison(Results& ours, Results& theirs) {
  std::printf("\n  %-38s %9s %9s %6s  %15s  %15s\n", "per CPU-second", "Segue", "peer", "ratio", "p50/p99 ms", "peer's");
  for (auto& [name, own] : ours) {
    const auto found = theirs.find(name);
    if (found == theirs.end()) continue;
    auto& other = found->second;
    std::printf("  %-38s %9.0f %9.0f %6.1f  %7.1f/%7.1f  %7.1f/%7.1f\n", name.c_str(), own.per_cpu_second(),
                other.per_cpu_second(), own.per_cpu_second() / other.per_cpu_second(), own.percentile(0.5), own.percentile(0.99),
                other.percentile(0.5), other.percentile(0.99));
  }
}

void print_growth(Results& empty, Results& full) {
  constexpr double kMost = 1.15;  // design §7
  std::printf("\n  %-38s %9s %9s %6s\n", "CPU us", "empty", "full", "ratio");
  for (auto& [name, before] : empty) {
    const auto found = full.find(name);
    if (found == full.end()) continue;
    const double ratio = found->second.cpu_micros() / before.cpu_micros();
    std::printf("  %-38s %9.1f %9.1f %6.2f  (aim <= %.2f, %s)\n", name.c_str(), before.cpu_micros(), found->second.cpu_micros(),
                ratio, kMost, verdict(ratio <= kMost));
  }
}

}  // namespace segue::bench
