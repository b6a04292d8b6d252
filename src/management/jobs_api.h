// Jobs: users in and out by file (contract §9.12).
#pragma once
#include <vector>

#include "http/router.h"
#include "management/operation.h"

namespace segue::management {

std::vector<const Operation*> job_operations();
// The file of an export, under a link that works once.
void add_export_route(http::Router& router, const Services& services);

}  // namespace segue::management
