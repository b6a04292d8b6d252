// Fills the search tables from the append-only rows, off the hot path (design §4).
#pragma once
#include "base/clock.h"
#include "base/ids.h"
#include "store/store.h"

namespace segue::audit {

class LogIndexer {
 public:
  LogIndexer(store::Store& store, const base::Clock& clock) : store_(store), clock_(clock) {}
  // Indexes up to `limit` rows of one tenant; returns how many. Safe on several nodes at once.
  int run_once(base::TenantId tenant, int limit = 1000);

 private:
  store::Store& store_;
  const base::Clock& clock_;
};

}  // namespace segue::audit
