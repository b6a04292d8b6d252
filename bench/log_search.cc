#include "bench/log_search.h"

#include <cstdio>
#include <functional>
#include <vector>

#include "base/system_clock.h"
#include "base/text.h"
#include "bench/stored_logs.h"
#include "json/value.h"

namespace segue::bench {
namespace {

constexpr double kAimMs = 20;  // p99

struct Search {
  std::string name;
  std::function<std::string(int)> query;  // of a turn: each asks for other rows
};

// `count` digits that differ from turn to turn.
std::string digits(int turn, int count) {
  auto text = std::to_string(1'000'000 + turn * 7919 % 1'000'000).substr(1);
  return text.substr(text.size() - static_cast<std::size_t>(count));
}
std::string of_user(int turn, int count) { return "user_id:" + std::string(kUserPrefix) + digits(turn, count) + "*"; }

// A quarter of an hour that ended so many hours ago.
std::string quarter(int hours_ago) {
  const auto end = base::SystemClock().now() - std::chrono::hours(hours_ago);
  return "date:[" + base::to_iso8601(end - std::chrono::minutes(15)) + " TO " + base::to_iso8601(end) + "]";
}

std::vector<Search> searches() {
  const auto ip = [](int turn) { return "ip:10." + std::to_string(turn % 256); };
  return {
      {"everything, newest first", [](int) { return std::string(); }},
      {"type", [](int turn) { return std::string("type:") + (turn % 2 == 0 ? "f" : "seacft"); }},
      {"a rare type", [](int) { return std::string("type:fepft"); }},
      {"client_id", [](int turn) { return "client_id:client_" + std::to_string(turn % 20); }},
      {"user_id", [](int turn) { return "user_id:" + std::string(kUserPrefix) + digits(turn, 6); }},
      {"prefix of user_id, 1 row in 10,000", [](int turn) { return of_user(turn, 4); }},
      {"prefix of user_id, 1 row in 1,000", [](int turn) { return of_user(turn, 3); }},
      {"prefix of user_id, 1 row in 100", [](int turn) { return of_user(turn, 2); }},
      {"prefix of user_id, 1 row in 10", [](int turn) { return of_user(turn, 1); }},
      {"prefix of user_id, every row", [](int) { return std::string("user_id:auth0*"); }},
      {"prefix of ip, 1 row in 256", [ip](int turn) { return ip(turn) + ".*"; }},
      {"date range", [](int turn) { return quarter(1 + turn % 24); }},
      {"audience, 1 row in 10", [](int turn) { return "audience:\"https://api-" + std::to_string(turn % 10) + "\""; }},
      {"audience, 1 row in 1,000", [](int) { return std::string("audience:\"urn:rare\""); }},
      {"type and client_id", [](int turn) { return "type:f AND client_id:client_" + std::to_string(turn % 20 / 10 * 10); }},
      {"type and date range", [](int turn) { return "type:f AND " + quarter(1 + turn % 24); }},
      {"prefix of user_id (1 in 1,000) and type", [](int turn) { return "type:s AND " + of_user(turn, 3); }},
      {"prefix of user_id (1 in 100) and date range",
       [](int turn) { return of_user(turn, 2) + " AND " + quarter(1 + turn % 24); }},
      {"prefix of ip or a rare type", [ip](int turn) { return ip(turn) + ".* OR type:fepft"; }},
  };
}

std::size_t rows_in(const Response& answer) {
  const auto page = json::parse(answer.body);
  return page.ok() && page->is_array() ? page->get_array().size() : 0;
}

}  // namespace

bool measure_log_search(ServerProcess& server, const std::string& database_url, std::int64_t rows, double seconds) {
  server.stop();
  std::printf("\nStoring %lld log rows ...\n", static_cast<long long>(rows));
  std::fflush(stdout);
  store_logs(database_url, rows);
  server.start();
  server.wait_until_quiet();
  const Target target(server.port(), server.authority_file());
  HttpsClient client(target);
  const auto token = management_token(target, client);
  std::printf("search of %lld log rows, pages of 100, one connection:\n%-44s %8s %8s %8s %8s\n", static_cast<long long>(rows), "",
              "p50 ms", "p99 ms", "rows", "p99 aim");
  bool complete = true;
  for (const auto& search : searches()) {
    Measurement sum;
    std::size_t found = 0;
    int turn = 0;
    const auto ask = [&](int, HttpsClient& asking) {
      const Form parameters = {{"q", search.query(turn++)}, {"per_page", "100"}};
      found = rows_in(expect(200, asking.call("GET", "logs?" + encode(parameters), token, "")));
      return true;
    };
    try {
      Load{server, target, 1, false}.run(ask, seconds, sum);
      const double p99 = sum.percentile(0.99);
      std::printf("%-44s %8.1f %8.1f %8zu %8s\n", search.name.c_str(), sum.percentile(0.5), p99, found,
                  p99 <= kAimMs ? "met" : "MISSED");
    } catch (const std::exception& fault) {
      complete = false;
      std::printf("%-44s not measured: %s\n", search.name.c_str(), base::shortened(fault.what(), 200).c_str());
    }
    std::fflush(stdout);
  }
  return complete;
}

}  // namespace segue::bench
