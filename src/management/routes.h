// Every route of the Management API.
#pragma once
#include <vector>

#include "http/router.h"
#include "management/operation.h"
#include "management/services.h"

namespace segue::management {

std::vector<const Operation*> all_operations();
// `services` lives as long as the router.
void add_routes(http::Router& router, const Services& services);

}  // namespace segue::management
