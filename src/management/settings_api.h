// Settings that are one document each: read with defaults under what is set, merged by PATCH or replaced by PUT.
#pragma once
#include <vector>

#include "management/operation.h"

namespace segue::management {

std::vector<const Operation*> settings_operations();

}  // namespace segue::management
