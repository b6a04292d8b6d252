// /api/v2/users and /api/v2/users-by-email (contract §9.10).
#pragma once
#include <vector>

#include "management/operation.h"

namespace segue::management {

std::vector<const Operation*> user_operations();
std::vector<const Operation*> user_factor_operations();
std::vector<const Operation*> user_identity_operations();

}  // namespace segue::management
