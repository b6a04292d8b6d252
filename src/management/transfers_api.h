// GET /api/v2/segue/transfers/{transfer_id}: one handoff explained.
#pragma once
#include <vector>

#include "management/operation.h"

namespace segue::management {

std::vector<const Operation*> transfer_operations();

}  // namespace segue::management
