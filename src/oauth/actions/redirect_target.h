// Where api.redirect.sendUserTo sends the browser (contract §8.5). Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "json/value.h"

namespace segue::oauth {

// Absolute, http or https, with a host and without a user name; nothing in it that a header or a browser reads otherwise.
bool is_web_address(std::string_view url);

// `url` with the members of `options.query`, the second of the method's arguments. Nothing: it is no web address. `state` is left
// out: it is this server's.
std::optional<std::string> redirect_target(std::string_view url, const json::array& arguments);

}  // namespace segue::oauth
