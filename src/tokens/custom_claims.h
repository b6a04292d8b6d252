// Which claims an Action may put into a token (contract §3.6 "Custom claims"). One that it may not is left out, and nothing
// fails.
#pragma once
#include <cstddef>
#include <string_view>

#include "json/value.h"

namespace segue::tokens {

inline constexpr std::size_t kMostCustomClaims = 100 * 1024;  // bytes of JSON, all together

// `of_system_api`: the token is for an API of this server, whose tokens carry namespaced claims only.
bool may_be_claimed(std::string_view name, bool of_system_api = false);
// Adds those that may stand; what the token says itself is set after it.
void add_custom_claims(json::object& claims, const json::object& custom, bool of_system_api = false);

}  // namespace segue::tokens
