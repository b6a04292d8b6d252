// Log streams (contract §7.3).
#pragma once
#include <vector>

#include "management/operation.h"

namespace segue::management {

std::vector<const Operation*> log_stream_operations();

}  // namespace segue::management
