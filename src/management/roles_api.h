// Roles, permissions, and who has them (contract §9.11, §9.12).
#pragma once
#include <string>
#include <vector>

#include "management/errors.h"
#include "management/operation.h"
#include "model/directory.h"
#include "model/role.h"

namespace segue::management {

std::vector<const Operation*> role_operations();
std::vector<const Operation*> role_member_operations();
std::vector<const Operation*> permission_operations();
std::vector<const Operation*> effective_operations();

inline Error inexistent_role() { return not_found("The role does not exist.", ""); }

json::object role_answer(const model::Role& role);

// The ids in a body's one list, in one order everywhere: two requests with the same ids must not wait for each other.
std::vector<std::string> ids_in(const Invocation& invocation, std::string_view name);
// A body that is one list of ids.
Schema id_list_schema(std::string name, std::string list, std::string description);

// A user in a list of members.
const std::vector<std::string>& member_answer_fields();
json::object member_answer(const tenancy::Snapshot& tenant, const model::User& user);

}  // namespace segue::management
