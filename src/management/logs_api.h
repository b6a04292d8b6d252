// GET /api/v2/logs and /api/v2/logs/{id} (contract §7.2).
#pragma once
#include <vector>

#include "management/operation.h"

namespace segue::management {

std::vector<const Operation*> log_operations();
void add_log_routes(http::Router& router, const Services& services);

}  // namespace segue::management
