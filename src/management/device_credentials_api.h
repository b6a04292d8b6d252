// Device credentials: an older view of refresh tokens (contract §6.1).
#pragma once
#include <vector>

#include "management/operation.h"

namespace segue::management {

std::vector<const Operation*> device_credential_operations();

}  // namespace segue::management
