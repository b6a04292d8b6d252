// Grants: what users allowed clients (contract §2.7, §9.12). In the database they are user_consents.
#pragma once
#include <vector>

#include "management/operation.h"

namespace segue::management {

std::vector<const Operation*> grant_operations();

}  // namespace segue::management
