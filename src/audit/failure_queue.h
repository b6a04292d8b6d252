// Failures of callers who proved nothing yet: queued, coalesced and written in batches, so that a flood of bad requests costs the
// writer one commit a second, not one each (design §4 "Log rows").
#pragma once
#include <cstddef>
#include <memory>

#include "audit/event.h"
#include "base/clock.h"
#include "base/ids.h"

namespace segue::audit {

class FailureQueue {
 public:
  FailureQueue(store::Store& store, const base::Clock& clock);
  ~FailureQueue();
  // Never blocks on the database. Beyond 10,000 waiting rows the oldest kinds are counted, not kept: the flush then writes one
  // `w` row that says how many were dropped.
  void push(base::TenantId tenant, Event event);
  // Writes what waits. Called each second by app/, at drain, and by tests.
  void flush();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace segue::audit
