// Which addresses the server may call for others (design §8.13).
#pragma once
#include <string_view>

namespace segue::outbound {

// True for an address of the public Internet. `address` is canonical text (http/caller_address.h); anything else is not public.
bool is_public_address(std::string_view address);

}  // namespace segue::outbound
