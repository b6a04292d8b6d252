// `q` of GET /api/v2/logs: the Lucene subset of contract §7.2 as a store query.
#pragma once
#include <string_view>

#include "base/result.h"
#include "store/logs.h"

namespace segue::management {

// field:value, "phrase", AND OR NOT, parentheses, wildcards and ranges. Two terms without an operator between them: either may
// hold, as in Lucene. The query is bounded; what cannot be served is refused with a text that says how to ask instead.
base::Result<store::logs::Query> parse_log_query(std::string_view q);

}  // namespace segue::management
