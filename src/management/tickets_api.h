// One-time links: to verify an e-mail address, and to set a new password (contract §9.12 tickets).
#pragma once
#include <vector>

#include "management/operation.h"

namespace segue::management {

std::vector<const Operation*> ticket_operations();

}  // namespace segue::management
