// Makes RowIds in rising order on one node (design §4). Never goes back, whatever the clock does.
#pragma once
#include <mutex>

#include "base/clock.h"
#include "base/ids.h"

namespace segue::base {

class IdGenerator {
 public:
  // `node` is below 1,024 and leased by one process at a time; `floor` is the newest time that the database has seen.
  IdGenerator(const Clock& clock, int node, Instant floor) : clock_(clock), node_(node), last_millis_(to_millis(floor)) {}

  RowId next();
  // The time part of an id.
  static Instant time_of(RowId id);
  // The smallest id that could have been made at `t`: for keyset paging by time.
  static RowId first_at(Instant t);

 private:
  const Clock& clock_;
  const int node_;
  std::mutex mutex_;
  std::int64_t last_millis_;
  int sequence_ = 0;
};

}  // namespace segue::base
