// What a PATCH of the tenant's settings may hold (contract §9.11).
#pragma once
#include "management/schema.h"

namespace segue::management {

const Schema& tenant_update_schema();
// The names that an answer may have, for `fields`.
const std::vector<std::string>& tenant_answer_fields();

}  // namespace segue::management
