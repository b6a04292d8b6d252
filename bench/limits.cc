#include "bench/limits.h"

#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <ctime>
#include <thread>

#include "sql/database.h"

namespace segue::bench {
namespace {

using Steady = std::chrono::steady_clock;

double seconds_since(Steady::time_point begin) { return std::chrono::duration<double>(Steady::now() - begin).count(); }

// The CPU time of this thread, so that what else runs on the machine does not pass for slow signing.
double thread_cpu_seconds() {
  timespec t{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

double own_cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

constexpr sql::Statement kInsert{"bench.insert", "insert into bench_commits (id, at) values ($1, $2)"};

}  // namespace

double per_cpu_second(const std::function<void()>& operation) {
  const double begin = thread_cpu_seconds();
  int count = 0;
  double spent = 0;
  for (; spent < 0.7; spent = thread_cpu_seconds() - begin) {
    for (int i = 0; i < 20; i++, count++) operation();
  }
  return count / spent;
}

double sign_rate(crypto::SignatureAlgorithm algorithm) {
  const auto key = crypto::SigningKey::generate(algorithm);
  const std::string token(450, 'x');  // an ID token's length
  key.sign(token);                    // fetches algorithms
  return per_cpu_second([&] { key.sign(token); });
}

CommitRate commit_rate(const std::string& database_url) {
  constexpr int kThreads = 64;
  const auto database = sql::open_database(database_url);
  database->run_script("create table bench_commits (id bigint primary key, at bigint not null)");
  std::atomic<std::int64_t> next = 0;
  const double cpu_before = own_cpu_seconds();
  const auto begin = Steady::now();
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; i++) {
      threads.emplace_back([&] {
        while (seconds_since(begin) < 1.5) {
          const auto id = ++next;
          database->write([&](sql::Connection& connection) { connection.execute(kInsert, {id, id}); });
        }
      });
    }
  }
  const auto count = static_cast<double>(next.load());
  const CommitRate rate{count / seconds_since(begin), count / (own_cpu_seconds() - cpu_before)};
  database->run_script("drop table bench_commits");
  return rate;
}

Measurement trivial_route(const Load& load, double seconds) {
  Measurement out;
  load.run([](int, HttpsClient& client) { return client.get("/favicon.ico").status < 500; }, seconds, out);
  return out;
}

}  // namespace segue::bench
