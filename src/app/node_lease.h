// This process's node number, which keeps the ids of two nodes apart. Leased from the database and renewed while it runs.
#pragma once
#include <atomic>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "sql/database.h"

namespace segue::app {

class NodeLease {
 public:
  // Throws std::runtime_error when every number is leased.
  NodeLease(sql::Database& database, const base::Clock& clock, base::Random& random);
  ~NodeLease();  // gives the number back

  int node() const { return node_; }
  // In the caller's transaction. False when the lease is lost: another process may have the number, so no further id may be made.
  bool renew(sql::Connection& connection);
  // False once it is lost or could not be renewed in time.
  bool is_held() const;
  void renewed(bool held);

 private:
  sql::Database& database_;
  const base::Clock& clock_;
  const std::string holder_;
  int node_ = 0;
  std::atomic<std::int64_t> until_{0};
};

}  // namespace segue::app
