// /api/v2/connections (contract §9.9).
#pragma once
#include <vector>

#include "management/operation.h"

namespace segue::management {

std::vector<const Operation*> connection_operations();

}  // namespace segue::management
