// What the tenant's settings must satisfy, and what is refused because nothing here does it (design §8.12).
#pragma once
#include "base/result.h"
#include "json/value.h"

namespace segue::management {

// The settings after a PATCH: the top level and `flags` merge, null removes, minutes become hours (contract §6.4, §9.11). Judged
// whole, as they would be stored.
base::Result<json::object> changed_settings(json::object settings, const json::object& patch);

// The settings as the API shows them, with what holds where nothing was set.
json::object settings_answer(json::object settings);

}  // namespace segue::management
