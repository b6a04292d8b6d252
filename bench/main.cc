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
#include "bench/actions.h"
#include "bench/listing.h"
#include "bench/log_search.h"
#include "bench/peer_process.h"
#include "bench/provider_rows.h"
#include "bench/report.h"
#include "bench/rows.h"
#include "bench/server_process.h"
#include "bench/silence.h"
#include "bench/stored.h"
#include "bench/storm.h"
#include "bench/sweep.h"

namespace segue::bench {
namespace {

constexpr const char* kUsage =
    "segue_bench [--seconds N] [--threads N] [--rows 1,2,…] [--peer SCRIPT] [--storm SECONDS] [--silence on]\n"
    "            [--sweep SESSIONS] [--stored USERS] [--logs ROWS] [--listing USERS] [--actions on] [--database URL] [--binary "
    "PATH]\n"
    "  --seconds   how long each row is measured (5)\n"
    "  --threads   connections, one thread each (32)\n"
    "  --rows      their numbers (all)\n"
    "  --peer      then measure the program that `node SCRIPT` starts with the same requests\n"
    "  --storm     then measure token requests for so long in a storm of sign-ins\n"
    "  --silence   then revoke refresh tokens, and wait until every relying party below them was told\n"
    "  --sweep     then sweep so many ended sessions beside the exchange of row 1\n"
    "  --stored    then store so many users and five sessions of each, and measure the rows again\n"
    "  --actions   on, or seconds: then sign in through an Action that waits, beside token requests\n"
    "  --logs      store so many log rows and measure searches of them, and nothing else\n"
    "  --listing   store so many users, and a twentieth as many clients, and measure pages of their lists, and nothing else\n"
    "  --database  an empty PostgreSQL database; default: SQLite in a temporary folder\n"
    "  --binary    the server (segue beside this program)\n";

struct Options {
  int seconds = 5, threads = 32, storm = 0;
  bool silence = false;
  int actions = 0;
  std::int64_t stored = 0, sweep = 0, logs = 0, listing = 0;
  std::set<int> rows = {1, 2, 3, 4, 5, 6, 7, 8};
  std::string database, peer;
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
    } else if (name == "--actions") {
      constexpr int kMinute = 60;
      out.actions = given == "on" ? kMinute : positive(given).value_or(0);
      if (out.actions == 0) return std::nullopt;
    } else if (name == "--silence") {
      out.silence = true;
    } else if (name == "--peer") {
      out.peer = given;
    } else if (name == "--stored" || name == "--sweep" || name == "--logs" || name == "--listing") {
      auto& count = name == "--stored" ? out.stored : name == "--sweep" ? out.sweep : name == "--logs" ? out.logs : out.listing;
      count = base::parse_integer(given).value_or(0);
      if (count <= 0) return std::nullopt;
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
      if (!number || (name != "--seconds" && name != "--threads" && name != "--storm")) return std::nullopt;
      (name == "--seconds" ? out.seconds : name == "--storm" ? out.storm : out.threads) = *number;
    }
  }
  return out;
}

// Measures those that were asked for; false when one could not be.
bool measure_all(const std::vector<Row>& rows, const Options& options, const Load& load, const Limits& limits, Results& results) {
  bool complete = true;
  print_heading();
  for (const auto& row : rows) {
    if (!options.rows.contains(row.number)) continue;
    try {
      auto got = measure(row, load, options.seconds);
      const double limit = limit_of(row, limits);
      print_row(row, got, limit);
      results[row.name] = std::move(got);
    } catch (const std::exception& fault) {
      complete = false;
      std::printf("%d %-38s not measured: %s\n", row.number, row.name.c_str(), fault.what());
    }
    std::fflush(stdout);
  }
  return complete;
}

bool measure_peer(const ServerProcess& server, const Options& options, const Limits& limits, Results& ours) {
  std::printf("\nThe peer, with the same requests:\n");
  const PeerProcess peer(options.peer, server, options.threads);
  const Target target(peer.port(), server.authority_file());
  const Load load{peer, target, options.threads};
  auto rows = provider_rows(peer.provider(), load);
  for (auto& row : rows) row.aim = 0;  // the aims are Segue's
  Results theirs;
  const bool complete = measure_all(rows, options, load, limits, theirs);
  print_comparison(ours, theirs);
  return complete;
}

std::string database_of(const ServerProcess& server, const Options& options) {
  return options.database.empty() ? "sqlite:" + (server.folder() / "data/segue.db").string() : options.database;
}

bool measure_full(ServerProcess& server, const World& world, const Options& options, const Limits& limits, Results& empty) {
  server.stop();
  std::printf("\nStoring %lld users and five sessions of each …\n", static_cast<long long>(options.stored));
  std::fflush(stdout);
  store_copies(database_of(server, options), options.stored);
  server.start();
  const Target target(server.port(), server.authority_file());
  const Load load{server, target, options.threads};
  const auto rows = make_rows(world, load);
  // The first round was not the server's first work either.
  for (const auto& row : rows) {
    if (options.rows.contains(row.number)) measure(row, load, 1);
  }
  Results full;
  const bool complete = measure_all(rows, options, load, limits, full);
  print_growth(empty, full);
  return complete;
}

int run(const Options& options) {
  std::optional<LogoutReceiver> receiver;
  if (options.silence) receiver.emplace();
  ServerProcess server(options.binary, options.database);
  const double first = server.start();
  server.stop();
  const double ready = server.start();
  if (options.logs > 0) return measure_log_search(server, database_of(server, options), options.logs, options.seconds) ? 0 : 1;
  if (options.listing > 0) return measure_listing(server, database_of(server, options), options.listing) ? 0 : 1;
  server.wait_until_quiet();
  print_start(ready, first, server.resident_megabytes());

  const Target target(server.port(), server.authority_file());
  const Load load{server, target, options.threads};
  const World world(target, options.threads);
  const auto limits = measure_limits(load, server, options.database);

  std::printf("%u cores, %d connections, %d s a row, load generator on the same machine\n\n", std::thread::hardware_concurrency(),
              options.threads, options.seconds);
  Results results;
  bool complete = measure_all(make_rows(world, load), options, load, limits, results);
  std::printf(
      "\n%.1f MB resident afterwards. CPU us: server CPU per operation, with what it does after the last answer (later: log "
      "indexing).\n",
      server.resident_megabytes());
  if (options.storm > 0) {
    // Client credentials: no RSA, one small write.
    for (const auto& row : make_rows(world, load)) {
      if (row.number == 6 && row.bound == Bound::commit) measure_storm(world, row, load, options.storm);
    }
  }
  if (options.actions > 0) {
    for (const auto& row : make_rows(world, load)) {
      if (row.number == 6 && row.bound == Bound::commit) measure_actions(world, row, load, options.actions);
    }
  }
  if (receiver) measure_silence(world, *receiver, load);
  if (options.sweep > 0) {
    for (const auto& row : make_rows(world, load)) {
      if (row.number == 1) measure_sweep(server, database_of(server, options), options.sweep, row, load, options.seconds);
    }
  }
  if (options.stored > 0) complete = measure_full(server, world, options, limits, results) && complete;
  if (!options.peer.empty()) complete = measure_peer(server, options, limits, results) && complete;
  return complete ? 0 : 1;
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
