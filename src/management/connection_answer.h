// A connection as the API shows it (contract §9.9).
#pragma once
#include <string>
#include <vector>

#include "json/value.h"
#include "model/directory.h"

namespace segue::management {

json::object connection_answer(const model::Connection& connection);
const std::vector<std::string>& connection_answer_fields();

}  // namespace segue::management
