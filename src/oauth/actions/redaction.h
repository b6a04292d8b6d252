// Tokens that an Action is handed stay out of what is kept of its run: what it printed, what it threw, why it refused.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "actions/invocation.h"

namespace segue::oauth {

// Any part of a token of 16 bytes or more becomes "[redacted]", so that a message that was cut off or that quotes a part holds
// none either; a shorter token as a whole.
std::string without_tokens(std::string_view text, const std::vector<std::string>& tokens);
void redact(actions::Outcome& outcome, const std::vector<std::string>& tokens);

}  // namespace segue::oauth
