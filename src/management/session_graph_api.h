// /api/v2/segue/session-graph: the session graph seen, and its subtrees revoked. Segue's own, beyond what Auth0 documents.
#pragma once
#include <vector>

#include "management/operation.h"

namespace segue::management {

std::vector<const Operation*> session_graph_operations();

}  // namespace segue::management
