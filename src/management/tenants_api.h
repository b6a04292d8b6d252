// The tenant's settings (contract §9.11).
#pragma once
#include <vector>

#include "management/operation.h"

namespace segue::management {

std::vector<const Operation*> tenant_operations();

}  // namespace segue::management
