// Every tenant's log as lines of JSON for those who collect them with an agent (log.stream): at least once, from the same cursors
// as every stream. Of several nodes that have it, one writes each row.
#pragma once
#include <memory>
#include <set>

#include "base/clock.h"
#include "logstreams/line_sink.h"
#include "tenancy/tenants.h"

namespace segue::logstreams {

class OperatorStream {
 public:
  // `sink` null: there is none.
  OperatorStream(tenancy::Tenants& tenants, const base::Clock& clock, std::unique_ptr<LineSink> sink)
      : tenants_(tenants), clock_(clock), sink_(std::move(sink)) {}

  // One turn of one tenant; false when nothing is due. On one thread.
  bool write_some();

 private:
  void begin_tenants(base::Instant now);

  tenancy::Tenants& tenants_;
  const base::Clock& clock_;
  const std::unique_ptr<LineSink> sink_;
  std::set<base::TenantId> begun_;  // have a cursor
};

}  // namespace segue::logstreams
