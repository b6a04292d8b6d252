// The page template and the themes of the branding (contract §9.12): kept for the tools.
#pragma once
#include <vector>

#include "management/operation.h"

namespace segue::management {

std::vector<const Operation*> branding_operations();

}  // namespace segue::management
