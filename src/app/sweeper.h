// Removes, in the background and in small steps, what has expired and is of no use to anybody.
#pragma once
#include <map>
#include <utility>

#include "app/batch_size.h"
#include "app/database_clock.h"
#include "app/sweep_metrics.h"
#include "base/clock.h"
#include "store/ended_rows.h"
#include "store/store.h"
#include "tenancy/tenants.h"

namespace segue::app {

class Sweeper {
 public:
  // `longest_counter`: after this time no failure counter counts any more. `log_retention`: how long log rows are kept.
  Sweeper(store::Store& store, const tenancy::Tenants& tenants, const base::Clock& clock, base::Duration longest_counter,
          base::Duration log_retention)
      : store_(store), tenants_(tenants), clock_(clock), longest_counter_(longest_counter), log_retention_(log_retention) {}

  // One small transaction, or a page looked at. Once a minute what has expired goes from the tables that tell it by their keys;
  // once an hour a walk goes along the others. False when there is nothing to do for now.
  bool step();
  const SweepMetrics& metrics() const { return metrics_; }

 private:
  // Where a walk along one table of one tenant stands. Begun anew after a restart: what was looked at is looked at again.
  struct Walk {
    base::RowId after{};
    std::string after_key;  // of failure counters, which have no ids
    base::Instant next{};
    std::int64_t rows = 0;
    base::Instant oldest{};
  };
  // False when nothing is left.
  bool sweep_expired(base::TenantId tenant, base::Instant now);
  void walk_on(base::TenantId tenant, store::ended_rows::Table table, Walk& walk, base::Instant now);
  void walk_counters(base::TenantId tenant, Walk& walk, base::Instant now);
  // One transaction, timed: `remove(writer, most)` returns how many rows.
  template <class Remove>
  std::int64_t remove(base::TenantId tenant, std::string_view table, Remove remove);

  store::Store& store_;
  const tenancy::Tenants& tenants_;
  const base::Clock& clock_;
  const base::Duration longest_counter_, log_retention_;
  const SystemTicker ticker_;
  base::Instant next_{};
  std::map<std::pair<base::TenantId, int>, Walk> walks_;
  std::map<std::string_view, BatchSize> sizes_;
  SweepMetrics metrics_;
};

}  // namespace segue::app
