// How much a tenant is used (contract §9.12 stats).
#pragma once
#include <vector>

#include "management/operation.h"

namespace segue::management {

std::vector<const Operation*> stats_operations();

}  // namespace segue::management
