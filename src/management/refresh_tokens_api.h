// /api/v2/refresh-tokens and a user's refresh tokens (contract §6.1, §6.3). What it calls a refresh token is a family: rotation
// keeps its id.
#pragma once
#include <vector>

#include "management/operation.h"

namespace segue::management {

std::vector<const Operation*> refresh_token_operations();

}  // namespace segue::management
