// The options of a database connection (contract §9.9): their fields, their defaults, and what is refused because nothing
// enforces it.
#pragma once
#include <vector>

#include "base/result.h"
#include "management/schema.h"

namespace segue::management {

Field connection_options_field();
// What a new connection gets where nothing is said.
void add_connection_defaults(json::object& document, const std::string& name);
base::Outcome check_connection(const json::object& document, const std::string& name);

}  // namespace segue::management
