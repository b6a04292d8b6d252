// A user as the API shows it (contract §9.10).
#pragma once
#include <string>
#include <vector>

#include "json/value.h"
#include "model/directory.h"
#include "tenancy/snapshot.h"

namespace segue::management {

json::object user_answer(const tenancy::Snapshot& tenant, const model::User& user);
const std::vector<std::string>& user_answer_fields();

}  // namespace segue::management
