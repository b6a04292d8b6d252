// org_id, and org_name where the tenant allows names (contract §3.6).
#pragma once
#include <string>

#include "json/value.h"
#include "tenancy/snapshot.h"

namespace segue::tokens {

void add_organization(json::object& claims, const tenancy::Snapshot& tenant, const std::string& organization_id);

}  // namespace segue::tokens
