// Whose address it is that counters count.
#pragma once
#include <string>
#include <string_view>

namespace segue::protection {

// One household or server owns a whole IPv6 /64: counting single addresses would leave it 2^64 fresh counters.
std::string counted_address(std::string_view address);

}  // namespace segue::protection
