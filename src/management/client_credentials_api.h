// /api/v2/clients/{id}/credentials (contract §9.6).
#pragma once
#include <vector>

#include "management/operation.h"

namespace segue::management {

std::vector<const Operation*> client_credential_operations();

}  // namespace segue::management
