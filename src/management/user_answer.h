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
// What a new database user's profile holds where nothing was given: name, nickname and picture of the e-mail address.
void add_profile_defaults(json::object& profile, const std::string& email, const std::string& username);

}  // namespace segue::management
