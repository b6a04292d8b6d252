// Organizations, their members and the connections enabled for them (contract §9.11, §9.12).
#pragma once
#include <vector>

#include "management/errors.h"
#include "management/operation.h"
#include "model/organization.h"

namespace segue::management {

std::vector<const Operation*> organization_operations();
std::vector<const Operation*> organization_member_operations();
std::vector<const Operation*> organization_connection_operations();
std::vector<const Operation*> organization_invitation_operations();

inline Error inexistent_organization() {
  return not_found("No organization found by that id or name", "");
}  // contract §9.2: no code

json::object organization_answer(const model::Organization& organization);

// What enables a connection: at the creation of an organization and later.
std::vector<Field> organization_connection_fields();
// Fields that are absent keep what `stored` has.
model::OrganizationConnection organization_connection_from(const json::object& body, model::OrganizationConnection stored = {});

}  // namespace segue::management
