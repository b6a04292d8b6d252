// What a log stream may hold (contract §7.3), and its check as it would be stored.
#pragma once
#include "management/schema.h"

namespace segue::management {

std::vector<Field> log_stream_create_fields();
std::vector<Field> log_stream_update_fields();

// `sink` with its secrets. `allow_private`: outbound.allow_private.
base::Outcome check_log_stream(const json::object& sink, bool allow_private);

}  // namespace segue::management
