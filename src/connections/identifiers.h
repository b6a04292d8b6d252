// What may be the e-mail address or the user name of a database user.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "model/directory.h"

namespace segue::connections {

bool is_email(std::string_view text);
// Whether users of this connection have user names.
bool requires_username(const model::Connection& connection);
// Why it cannot be a user name at this connection, for a developer; nothing: it can.
std::optional<std::string> username_problem(const model::Connection& connection, std::string_view username);
// contract §9.10: name, nickname and picture of a user who brought none.
void add_profile_defaults(json::object& profile, const std::string& email, const std::string& username);

}  // namespace segue::connections
