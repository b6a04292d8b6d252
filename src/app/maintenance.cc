#include "app/maintenance.h"

#include <pthread.h>

#include <exception>

#include "base/log.h"
#include "store/tenants.h"

namespace segue::app {
namespace {

constexpr auto kInterval = std::chrono::seconds(1);
constexpr std::int64_t kDatabasePatience = base::Duration(std::chrono::seconds(5)).count();

// One job's failure must not keep the others from running; the next second tries again.
template <class Job>
bool attempt(const char* what, Job job) {
  try {
    job();
    return true;
  } catch (const std::exception& fault) {
    base::log::error("a background job failed", {{"job", what}, {"what", fault.what()}});
    return false;
  }
}

}  // namespace

Maintenance::Maintenance(MaintenanceServices services)
    : services_(std::move(services)), caught_up_at_(services_.ticker.elapsed().count()), reached_at_(caught_up_at_.load()) {
  thread_ = std::thread([this] {
    ::pthread_setname_np(::pthread_self(), "maintenance");
    loop();
  });
}

Maintenance::~Maintenance() { stop(); }

void Maintenance::stop() {
  {
    const std::scoped_lock lock(mutex_);
    if (stopping_) return;
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
  run_once();
}

void Maintenance::loop() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kInterval, [this] { return stopping_; })) {
    lock.unlock();
    run_once();
    lock.lock();
  }
}

void Maintenance::run_once() {
  const BackgroundGate::Turn turn(services_.gate);
  if (!turn) return;
  if (attempt("heartbeat", [this] { heartbeat(); })) reached_at_ = services_.ticker.elapsed().count();
  judge();
  attempt("refresh tenants", [this] { services_.product.refresh_tenants(); });
  attempt("write failures", [this] { services_.product.write_failures(); });
  attempt("note proxies", [this] { services_.product.write_unnamed_proxies(); });
  const bool indexed = attempt("index logs", [this] { indexed_ += static_cast<std::uint64_t>(services_.product.index_logs()); });
  if (indexed) caught_up_at_ = services_.ticker.elapsed().count();
  attempt("look after logouts", [this] { services_.product.look_after_logouts(); });
  attempt("look at files", services_.look_at_files);
}

// Stores this node's time, reads the others', and keeps the node number.
void Maintenance::heartbeat() {
  const auto now = services_.clock.now();
  base::Instant high_water;
  bool held = false;
  services_.database.write([&](sql::Connection& connection) {
    store::database_state::raise_high_water(connection, now);
    high_water = store::database_state::high_water(connection);
    held = services_.lease.renew(connection);
  });
  services_.clock.observe(high_water);
  if (!held && services_.lease.is_held()) base::log::error("the node number was lost to another process: restart this node");
  services_.lease.renewed(held);
}

void Maintenance::judge() {
  const bool reached = services_.ticker.elapsed().count() - reached_at_ <= kDatabasePatience;
  const bool was_ready = services_.readiness.is_ready();
  services_.readiness.hold("the database cannot be reached", !reached);
  services_.readiness.hold("the clock is more than 5 s off: run `segue doctor`", !services_.clock.is_plausible());
  services_.readiness.hold("the node number was lost: restart this node", !services_.lease.is_held());
  // Without its number a node could make an id that another node makes too.
  services_.product.set_answering(services_.lease.is_held());
  if (was_ready != services_.readiness.is_ready()) {
    std::string why;
    for (const auto& reason : services_.readiness.reasons()) why += (why.empty() ? "" : "; ") + reason;
    base::log::warn(was_ready ? "not ready" : "ready again", {{"reasons", why}});
  }
}

double Maintenance::log_lag_seconds() const {
  return static_cast<double>(services_.ticker.elapsed().count() - caught_up_at_) / 1e6;
}

}  // namespace segue::app
