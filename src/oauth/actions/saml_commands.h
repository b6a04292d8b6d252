// What the setters of api.samlResponse come to (contract §8.5): values for the one answer over SAML or WS-Federation, which its
// feature reads (saml_idp/overrides.h). Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "json/value.h"

namespace segue::oauth {

// Of `samlResponse.NAME`. Nothing: it is written down in `out`; else why the sign-in cannot go on.
std::optional<std::string> take_saml_command(json::object& out, std::string_view name, const json::array& arguments);
// What all of them together may be (contract §8.3). Nothing: they may.
std::optional<std::string> saml_response_problem(const json::object& out);

}  // namespace segue::oauth
