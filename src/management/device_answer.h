// From where a session or a refresh token was used first and last, as the API shows it (contract §6.1).
#pragma once
#include "json/value.h"
#include "model/session_graph.h"

namespace segue::management {

json::object device_answer(const model::RequestOrigin& initial, const model::RequestOrigin& last);

}  // namespace segue::management
