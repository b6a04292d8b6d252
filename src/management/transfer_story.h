// One handoff from the log rows that carry its transfer_id: its steps in order, what was checked, and the verdict.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "json/value.h"

namespace segue::management {

struct TransferRow {
  std::string log_id;
  json::object record;
};
// `rows` oldest first, at least one.
json::object transfer_story(std::string_view transfer_id, const std::vector<TransferRow>& rows, base::Instant now);

// The network of an address, as far as a reader needs it to see whether two of them are neighbours: "203.0.113.0/24",
// "2001:db8:1:2::/64". The row of the step has the whole address for whoever may read it.
std::string shortened_address(std::string_view address);

}  // namespace segue::management
