// The rows that any OpenID Provider can do, so that a peer can be measured with the very same requests.
#pragma once
#include <vector>

#include "bench/provider.h"
#include "bench/row.h"

namespace segue::bench {

// Borrow both. The names and their order are the same for every provider.
std::vector<Row> provider_rows(const Provider& provider, const Load& load);

// The code in the redirect that answers an authorization request.
std::string code_of(const Response& answer);

}  // namespace segue::bench
