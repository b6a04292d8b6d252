// Removes, in the background and in small steps, what has expired and is of no use to anybody.
#pragma once
#include "base/clock.h"
#include "store/store.h"
#include "tenancy/tenants.h"

namespace segue::app {

class Sweeper {
 public:
  // `longest_counter`: after this time no failure counter counts any more.
  Sweeper(store::Store& store, const tenancy::Tenants& tenants, const base::Clock& clock, base::Duration longest_counter)
      : store_(store), tenants_(tenants), clock_(clock), longest_counter_(longest_counter) {}

  // Called each second; works once a minute. A backlog is removed over several calls, so that none takes long.
  void run();

 private:
  bool sweep_some(base::TenantId tenant, base::Instant now);

  store::Store& store_;
  const tenancy::Tenants& tenants_;
  const base::Clock& clock_;
  const base::Duration longest_counter_;
  base::Instant next_{};
};

}  // namespace segue::app
