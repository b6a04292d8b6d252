// Custom domains of a tenant (contract §9.12): claimed here, served once the operator has confirmed them (`segue tenant
// confirm`).
#pragma once
#include <vector>

#include "management/operation.h"

namespace segue::management {

std::vector<const Operation*> custom_domain_operations();

}  // namespace segue::management
