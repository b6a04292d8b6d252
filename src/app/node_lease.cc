#include "app/node_lease.h"

#include <stdexcept>

#include "base/log.h"
#include "store/tenants.h"

namespace segue::app {
namespace {
constexpr base::Duration kLease = std::chrono::seconds(60);
// Stops making ids before the number can be given to another node, whose clock may be a little ahead.
constexpr base::Duration kMargin = std::chrono::seconds(10);
}  // namespace

NodeLease::NodeLease(sql::Database& database, const base::Clock& clock, base::Random& random)
    : database_(database), clock_(clock), holder_(random.text(16, base::kAlphanumeric)) {
  const auto now = clock_.now();
  std::optional<int> leased;
  database_.write([&](sql::Connection& connection) {
    store::database_state::raise_high_water(connection, now);
    leased = store::database_state::lease_node(connection, holder_, now, now + kLease);
  });
  if (!leased) throw std::runtime_error("all 1,024 node numbers are leased: too many processes were started within a minute");
  node_ = *leased;
  until_ = base::to_micros(now + kLease);
}

NodeLease::~NodeLease() {
  try {
    database_.write([&](sql::Connection& connection) { store::database_state::release_node(connection, node_, holder_); });
  } catch (const std::exception& fault) {
    // It ends by itself within a minute.
    base::log::warn("the node number could not be given back", {{"what", fault.what()}});
  }
}

bool NodeLease::renew(sql::Connection& connection) {
  return store::database_state::renew_node(connection, node_, holder_, clock_.now() + kLease);
}

void NodeLease::renewed(bool held) { until_ = held ? base::to_micros(clock_.now() + kLease) : 0; }

bool NodeLease::is_held() const { return base::to_micros(clock_.now()) < until_ - kMargin.count(); }

}  // namespace segue::app
