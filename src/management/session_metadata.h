// `session_metadata` and `refresh_token_metadata` (contract §4.5): one rule, two names.
#pragma once
#include <string>

#include "base/result.h"
#include "json/value.h"
#include "management/schema.h"

namespace segue::management {

// A body that holds it and nothing else.
Schema metadata_body(std::string schema_name, std::string field);
// The metadata that the body leaves: null and {} clear it.
base::Result<json::object> read_metadata(const json::object& body, std::string_view field);

}  // namespace segue::management
