// The e-mail provider and the e-mail templates (contract §9.12).
#pragma once
#include <vector>

#include "management/operation.h"

namespace segue::management {

std::vector<const Operation*> email_operations();

}  // namespace segue::management
