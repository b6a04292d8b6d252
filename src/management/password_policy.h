// How strong a new password must be (contract §9.9 passwordPolicy).
#pragma once
#include <string_view>

#include "base/result.h"
#include "json/value.h"

namespace segue::management {

// `options` of the database connection. Without a policy of its own a connection asks for eight characters.
base::Outcome check_password(const json::object* options, std::string_view password);

}  // namespace segue::management
