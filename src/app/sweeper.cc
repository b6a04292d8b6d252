#include "app/sweeper.h"

#include "store/expired_rows.h"
#include "store/login_attempts.h"
#include "store/one_time_identifiers.h"

namespace segue::app {
namespace {

constexpr auto kInterval = std::chrono::minutes(1);
constexpr auto kPatience = std::chrono::minutes(1);  // a node whose clock is behind still refuses what has just expired
// Of up to 1,000 rows each. The same thread has a heartbeat to send every second.
constexpr int kMostBatches = 16;

}  // namespace

void Sweeper::run() {
  const auto now = clock_.now();
  if (now < next_) return;
  int batches = 0;
  for (const auto tenant : tenants_.list()) {
    while (sweep_some(tenant, now)) {
      if (++batches == kMostBatches) return;  // the next second goes on
    }
  }
  next_ = now + kInterval;
}

// One batch; false when nothing is left. A look costs no commit, and most of the time there is nothing to do.
bool Sweeper::sweep_some(base::TenantId tenant, base::Instant now) {
  namespace identifiers = store::one_time_identifiers;
  namespace rows = store::expired_rows;
  namespace counters = store::login_attempts;
  if (store_.read(tenant, [&](const store::Reader& r) { return identifiers::has_expired(r, now - kPatience); }))
    return store_.write(tenant, [&](const store::Writer& w) { return identifiers::sweep(w, now - kPatience), true; });
  if (const auto table = store_.read(tenant, [&](const store::Reader& r) { return rows::find_table(r, now); }))
    return store_.write(tenant, [&](const store::Writer& w) { return rows::sweep(w, *table, now), true; });
  const auto begun = now - longest_counter_;
  const auto keys = store_.read(tenant, [&](const store::Reader& r) { return counters::list_begun_before(r, begun); });
  if (keys.empty()) return false;
  return store_.write(tenant, [&](const store::Writer& w) {
    for (const auto& key : keys) counters::remove_begun_before(w, key, begun);
    return true;
  });
}

}  // namespace segue::app
