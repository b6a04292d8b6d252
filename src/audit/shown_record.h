// A stored record as it is shown, searched and streamed: with its ids and the tenant's name, where real records have them
// (contract §7.1).
#pragma once
#include <string_view>

#include "json/value.h"

namespace segue::audit {

// Throws base::Bug when the record is not one of to_record()'s.
json::object shown_record(std::string_view record, std::string_view log_id, std::string_view tenant_name);

}  // namespace segue::audit
