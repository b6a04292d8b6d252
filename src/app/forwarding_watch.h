// Tells the operator what the requests show about proxies that are configured wrongly: in the log when it happens, and through
// the database in `segue doctor` and the next start-up log. Bounded, and never a write per request.
#pragma once
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "http/forwarding_problem.h"
#include "sql/database.h"
#include "store/unnamed_proxies.h"

namespace segue::app {

class ForwardingWatch {
 public:
  static constexpr std::size_t kMostPeers = 16;              // remembered by one process
  static constexpr auto kQuiet = std::chrono::hours(1);      // between two notes about the same
  static constexpr auto kKept = std::chrono::hours(24 * 7);  // in the database

  explicit ForwardingWatch(const base::Clock& clock) : clock_(clock) {}
  void look(const http::Request& request, const http::ForwardingRules& rules);
  // Writes what was seen since the last time. Called each second; mostly there is nothing.
  void write(sql::Database& database);

 private:
  bool is_due(const std::string& subject);  // under mutex_
  const base::Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, base::Instant, std::less<>> told_;  // a peer, or kDisagreement
  std::vector<store::unnamed_proxies::UnnamedProxy> waiting_;
};

// What is wrong and the setting that mends it.
std::string describe(const store::unnamed_proxies::UnnamedProxy& proxy);

// Of the remembered ones those that `rules` still do not name.
std::vector<store::unnamed_proxies::UnnamedProxy> unnamed_proxies(sql::Database& database, const http::ForwardingRules& rules,
                                                                  base::Instant now);

}  // namespace segue::app
