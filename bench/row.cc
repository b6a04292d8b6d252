#include "bench/row.h"

#include <memory>
#include <vector>

namespace segue::bench {
namespace {

// Per thread. A session transfer token lives 60 seconds, so a batch is made and spent well within them.
constexpr std::size_t kTickets = 400;

}  // namespace

Measurement measure(const Row& row, const Load& load, double seconds) {
  constexpr int kMostBatches = 12;
  Measurement sum;
  for (int batch = 0; batch < (row.in_batches ? kMostBatches : 1) && sum.wall_seconds < seconds; batch++) {
    row.prepare();
    load.run(row.operation, seconds - sum.wall_seconds, sum);
  }
  return sum;
}

Row spending(Row row, const Load& load, std::function<std::string(int, HttpsClient&)> make,
             std::function<void(HttpsClient&, const std::string&)> spend) {
  const auto tickets = std::make_shared<std::vector<std::vector<std::string>>>(static_cast<std::size_t>(load.threads));
  row.in_batches = true;
  row.prepare = [tickets, make = std::move(make), generator = load] {
    for (auto& left : *tickets) left.clear();
    Measurement ignored;
    generator.run(
        [&](int thread, HttpsClient& client) {
          auto& own = tickets->at(static_cast<std::size_t>(thread));
          if (own.size() == kTickets) return false;
          own.push_back(make(thread, client));
          return true;
        },
        20, ignored);
  };
  row.operation = [tickets, spend = std::move(spend)](int thread, HttpsClient& client) {
    auto& own = tickets->at(static_cast<std::size_t>(thread));
    if (own.empty()) return false;
    spend(client, own.back());
    own.pop_back();
    return true;
  };
  return row;
}

}  // namespace segue::bench
