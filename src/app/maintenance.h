// What runs once a second beside the requests, on one thread.
#pragma once
#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "app/background_gate.h"
#include "app/database_clock.h"
#include "app/node_lease.h"
#include "app/product.h"
#include "app/readiness.h"

namespace segue::app {

struct MaintenanceServices {
  sql::Database& database;
  DatabaseClock& clock;
  const Ticker& ticker;
  NodeLease& lease;
  Product& product;
  Readiness& readiness;
  std::function<void()> look_at_files;  // reloads geo files that changed
  BackgroundGate& gate;
};

class Maintenance {
 public:
  explicit Maintenance(MaintenanceServices services);
  ~Maintenance();
  std::uint64_t indexed() const { return indexed_; }
  double log_lag_seconds() const;
  // Ends the thread and does the work a last time.
  void stop();

 private:
  void loop();
  void run_once();
  void heartbeat();
  void judge();

  const MaintenanceServices services_;
  std::atomic<std::uint64_t> indexed_{0};
  std::atomic<std::int64_t> caught_up_at_;  // of the ticker
  std::atomic<std::int64_t> reached_at_;    // of the ticker: the last time the database answered
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace segue::app
