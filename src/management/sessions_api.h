// /api/v2/sessions and a user's sessions (contract §6.1, §6.2).
#pragma once
#include <vector>

#include "management/operation.h"

namespace segue::management {

std::vector<const Operation*> session_operations();

}  // namespace segue::management
