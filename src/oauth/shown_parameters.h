// Which parameters of a request may be shown to Actions, and kept for them: none that opens something.
#pragma once
#include <string_view>

#include "http/parameters.h"
#include "json/value.h"

namespace segue::oauth {

bool opens_something(std::string_view parameter);
// What was sent, but for what opens something.
json::object shown(const http::Parameters& parameters);
// Of an authorization request, what stands beside the parameters that it is made of: `ext-…`, `ui_locales`, whatever an
// application sends to its own Actions (contract §2.1).
json::object other_parameters(const http::Parameters& parameters);
// The same of a request of another protocol, whose own parameters are none of these.
json::object foreign_parameters(const json::object& shown);

}  // namespace segue::oauth
