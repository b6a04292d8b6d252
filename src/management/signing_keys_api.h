// /api/v2/keys/signing (contract §5.2, §9.12).
#pragma once
#include <vector>

#include "management/operation.h"

namespace segue::management {

std::vector<const Operation*> signing_key_operations();

}  // namespace segue::management
