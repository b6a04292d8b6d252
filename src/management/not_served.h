// Resources that Segue does not have: tools that ask for them are answered as by a tenant that has none (contract §9.12
// "optional", docs/decisions/0029-what-the-tools-read-and-segue-does-not-have.md).
#pragma once
#include <vector>

#include "management/operation.h"

namespace segue::management {

std::vector<const Operation*> not_served_operations();

}  // namespace segue::management
