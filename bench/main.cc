// ./dev bench: the operations of the handoff beside what this machine can do at best (docs/dev/bench.md). Reports, judges
// nothing: a missed aim exits 0, a row that could not be measured exits 1.
#include <csignal>
#include <cstdio>
#include <exception>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "base/text.h"
#include "bench/limits.h"
#include "bench/rows.h"

namespace segue::bench {
namespace {

constexpr const char* kUsage =
    "segue_bench [--seconds N] [--threads N] [--rows 1,2,…] [--database URL] [--binary PATH]\n"
    "  --seconds   how long each row is measured (5)\n"
    "  --threads   connections, one thread each (32)\n"
    "  --rows      numbers of the rows of the design's table (1,2,3,4,5)\n"
    "  --database  an empty PostgreSQL database; default: SQLite in a temporary folder\n"
    "  --binary    the server (segue beside this program)\n";

struct Options {
  int seconds = 5, threads = 32;
  std::set<int> rows = {1, 2, 3, 4, 5};
  std::string database;
  std::filesystem::path binary;
};

std::optional<int> positive(std::string_view text) {
  const auto number = base::parse_integer(text);
  return number && *number > 0 && *number <= 1000 ? std::optional(static_cast<int>(*number)) : std::nullopt;
}

std::optional<Options> read_options(int argc, char** argv) {
  Options out;
  out.binary = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "segue";
  for (int i = 1; i < argc; i += 2) {
    if (i + 1 == argc) return std::nullopt;
    const std::string_view name = argv[i], given = argv[i + 1];
    if (name == "--database") {
      out.database = given;
    } else if (name == "--binary") {
      out.binary = std::filesystem::absolute(given);
    } else if (name == "--rows") {
      out.rows.clear();
      for (const auto& part : base::split(given, ',')) {
        const auto number = positive(part);
        if (!number) return std::nullopt;
        out.rows.insert(*number);
      }
    } else {
      const auto number = positive(given);
      if (!number || (name != "--seconds" && name != "--threads")) return std::nullopt;
      (name == "--seconds" ? out.seconds : out.threads) = *number;
    }
  }
  return out;
}

const char* verdict(bool met) { return met ? "met" : "MISSED"; }

struct Limits {
  double trivial, commits;  // per CPU-second
};

// What an operation cannot beat: its signatures alone where they are RSA, else the trivial route, one commit and its signatures.
double limit_of(const Row& row, const Limits& limits) {
  if (row.rs256_signatures > 0) return sign_rate(crypto::SignatureAlgorithm::RS256);
  const double signing = row.es256_signatures > 0 ? row.es256_signatures / sign_rate(crypto::SignatureAlgorithm::ES256) : 0;
  return 1 / (1 / limits.trivial + 1 / limits.commits + signing);
}

void print_row(const Row& row, Measurement& got, double limit) {
  const bool share = row.rs256_signatures > 0;
  const double aim = share ? row.aim * limit : row.aim;
  std::printf("%d %-38s %8.0f %8.1f %7.1f %9.0f %7.1f %7.1f %9.0f %6.2f %9.0f  %s\n", row.number, row.name.c_str(), got.rate(),
              got.cpu_micros(), got.later_micros(), got.per_cpu_second(), got.percentile(0.5), got.percentile(0.99), limit,
              got.per_cpu_second() / limit, aim, verdict(got.per_cpu_second() >= aim));
}

Limits print_limits(const Load& load, const Options& options) {
  using crypto::SignatureAlgorithm;
  auto trivial = trivial_route(load, 2);
  const auto commits = commit_rate("sqlite:" + (load.server.folder() / "commits.db").string());
  std::printf(
      "limits: RSA-2048 %.0f/s, P-256 %.0f/s (one core alone); trivial route %.0f/s, %.0f per CPU-second; SQLite commits %.0f/s, "
      "%.0f per CPU-second\n",
      sign_rate(SignatureAlgorithm::RS256), sign_rate(SignatureAlgorithm::ES256), trivial.rate(), trivial.per_cpu_second(),
      commits.per_second, commits.per_cpu_second);
  if (!options.database.empty()) {
    const auto own = commit_rate(options.database);
    std::printf("        this database: commits %.0f/s; what its server process spends is in no number below\n", own.per_second);
  }
  return {trivial.per_cpu_second(), commits.per_cpu_second};
}

int run(const Options& options) {
  ServerProcess server(options.binary, options.database);
  const double first = server.start();
  server.stop();
  const double ready = server.start();
  server.wait_until_quiet();
  const double idle = server.resident_megabytes();
  std::printf(
      "ready in %.0f ms on an existing database (aim < 150, %s; first start %.0f ms); %.1f MB resident when idle (aim < 48, "
      "%s)\n",
      ready, verdict(ready < 150), first, idle, verdict(idle < 48));

  const Target target(server.port(), server.authority_file());
  const Load load{server, target, options.threads};
  const World world(target, options.threads);
  const auto limits = print_limits(load, options);

  std::printf("%u cores, %d connections, %d s a row, load generator on the same machine\n\n", std::thread::hardware_concurrency(),
              options.threads, options.seconds);
  std::printf("  %-38s %8s %8s %7s %9s %7s %7s %9s %6s %9s\n", "", "ops/s", "CPU us", "(later)", "per CPU-s", "p50 ms", "p99 ms",
              "limit", "ratio", "aim");
  bool failed = false;
  for (const auto& row : make_rows(world, load)) {
    if (!options.rows.contains(row.number)) continue;
    try {
      const double limit = limit_of(row, limits);
      auto got = measure(row, load, options.seconds);
      print_row(row, got, limit);
    } catch (const std::exception& fault) {
      failed = true;
      std::printf("%d %-38s not measured: %s\n", row.number, row.name.c_str(), fault.what());
    }
    std::fflush(stdout);
  }
  std::printf(
      "\n%.1f MB resident afterwards. CPU us: server CPU per operation, with what it does after the last answer (later: log "
      "indexing).\n",
      server.resident_megabytes());
  return failed ? 1 : 0;
}

}  // namespace
}  // namespace segue::bench

int main(int argc, char** argv) try {
  const auto options = segue::bench::read_options(argc, argv);
  if (!options) {
    std::fputs(segue::bench::kUsage, stderr);
    return 2;
  }
  // A connection that the server closed is a failed row, not the end of this program.
  std::signal(SIGPIPE, SIG_IGN);
  return segue::bench::run(*options);
} catch (const std::exception& fault) {
  std::fprintf(stderr, "segue_bench: %s\n", fault.what());
  return 1;
}
