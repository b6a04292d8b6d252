#include "bench/listing.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <set>

#include "bench/stored.h"
#include "json/value.h"

namespace segue::bench {
namespace {

constexpr int kUsersPerClient = 20;
constexpr int kPage = 100;
constexpr int kCreators = 8;  // connections
constexpr int kRepeats = 50;  // of an offset page

void create_clients(const ServerProcess& server, const Target& target, const std::string& token, std::int64_t count) {
  std::atomic<std::int64_t> made{0};
  const auto create = [&](int, HttpsClient& client) {
    const auto number = made++;
    if (number >= count) return false;
    const json::object settings{{"name", "listed " + std::to_string(number)}, {"app_type", "native"}};
    expect(201, client.call("POST", "clients", token, json::write(settings)));
    return true;
  };
  Measurement sum;
  Load{server, target, kCreators, false}.run(create, 3600, sum);
}

struct Asked {
  json::object page;
  double milliseconds;
};
Asked ask(HttpsClient& client, const std::string& token, const std::string& path) {
  const auto began = std::chrono::steady_clock::now();
  const auto answer = client.call("GET", path, token, "");
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began;
  return {json::parse(expect(200, answer).body).value().as_object(), took.count()};
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
}

// Whether the list has `least` different members or more.
bool read_by_checkpoint(HttpsClient& client, const std::string& token, const std::string& list, const char* id,
                        std::int64_t least) {
  std::vector<double> pages;
  std::set<std::string> seen;
  std::size_t items = 0;
  for (std::string from;;) {
    const auto path = list + "?take=" + std::to_string(kPage) + (from.empty() ? "" : "&" + encode({{"from", from}}));
    const auto asked = ask(client, token, path);
    pages.push_back(asked.milliseconds);
    for (const auto& item : asked.page.at(list).as_array()) {
      seen.insert(json::find_string(item.as_object(), id).value());
      ++items;
    }
    const auto next = json::find_string(asked.page, "next");
    if (!next) break;
    from = *next;
  }
  const auto tenth = static_cast<std::ptrdiff_t>(std::max<std::size_t>(1, pages.size() / 10));
  std::printf("%-36s %8zu %8.2f %8.2f\n", (list + " by checkpoint").c_str(), items,
              median({pages.begin(), pages.begin() + tenth}), median({pages.end() - tenth, pages.end()}));
  return seen.size() == items && static_cast<std::int64_t>(items) >= least;
}

void read_by_offset(HttpsClient& client, const std::string& token, const std::string& list, int last_page) {
  const auto cost = [&](int page) {
    std::vector<double> out;
    for (int i = 0; i < kRepeats; ++i) {
      out.push_back(
          ask(client, token, list + "?include_totals=true&per_page=" + std::to_string(kPage) + "&page=" + std::to_string(page))
              .milliseconds);
    }
    return median(out);
  };
  std::printf("%-36s %8s %8.2f %8.2f\n", (list + " by offset, with totals").c_str(), "", cost(0), cost(last_page));
}

}  // namespace

bool measure_listing(ServerProcess& server, const std::string& database_url, std::int64_t users) {
  const auto clients = users / kUsersPerClient;
  std::printf("\nStoring %lld users and %lld clients ...\n", static_cast<long long>(users), static_cast<long long>(clients));
  std::fflush(stdout);
  {
    const Target target(server.port(), server.authority_file());
    HttpsClient client(target);
    const auto token = management_token(target, client);
    expect(201, client.call("POST", "users", token,
                            json::write(json::object{{"connection", "Username-Password-Authentication"},
                                                     {"email", "copied@example.com"},
                                                     {"password", "a-password-that-nobody-uses-4711"}})));
    create_clients(server, target, token, clients);
  }
  server.stop();
  store_users(database_url, users);
  server.start();
  server.wait_until_quiet();
  const Target target(server.port(), server.authority_file());
  HttpsClient client(target);
  const auto token = management_token(target, client);
  std::printf("pages of %d, one connection:\n%-36s %8s %8s %8s\n", kPage, "", "items", "first ms", "last ms");
  const bool all_users = read_by_checkpoint(client, token, "users", "user_id", users);
  const bool all_clients = read_by_checkpoint(client, token, "clients", "client_id", clients);
  read_by_offset(client, token, "users", 1000 / kPage - 1);  // the contract's cap
  read_by_offset(client, token, "clients", std::max(0, static_cast<int>(clients / kPage) - 1));
  return all_users && all_clients;
}

}  // namespace segue::bench
