// /api/v2/client-grants (contract §9.8).
#pragma once
#include <vector>

#include "management/operation.h"

namespace segue::management {

std::vector<const Operation*> client_grant_operations();

}  // namespace segue::management
