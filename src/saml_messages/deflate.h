// DEFLATE without a header (RFC 1951), as the redirect binding has it.
#pragma once
#include <string>
#include <string_view>

#include "base/result.h"

namespace segue::saml_messages {

// Never makes more than `most_bytes`, whatever the input claims.
base::Result<std::string> inflate(std::string_view compressed, std::size_t most_bytes);
std::string deflate(std::string_view text);

}  // namespace segue::saml_messages
