// /api/v2/resource-servers (contract §9.7).
#pragma once
#include <vector>

#include "management/operation.h"

namespace segue::management {

std::vector<const Operation*> resource_server_operations();

}  // namespace segue::management
