// Custom domains of a tenant (contract §9.12): claimed here, served once a TXT record in their zone or the operator (`segue
// tenant confirm`) has confirmed them.
#pragma once
#include <vector>

#include "management/operation.h"

namespace segue::management {

std::vector<const Operation*> custom_domain_operations();

}  // namespace segue::management
