// What the bodies of Actions, modules and bindings may hold (contract §8.2).
#pragma once
#include "management/schema.h"

namespace segue::management {

const Schema& action_create_schema();
const Schema& action_update_schema();
const Schema& action_test_schema();
const Schema& action_rollback_schema();
const Schema& bindings_schema();
const Schema& module_create_schema();
const Schema& module_update_schema();
const Schema& module_rollback_schema();

// `page` and `per_page`: lists of this family know no `include_totals`.
std::vector<Field> actions_page_query(std::vector<Field> own = {});
// Every trigger of the contract, also those that are refused with a reason.
std::vector<std::string> contract_triggers();

}  // namespace segue::management
