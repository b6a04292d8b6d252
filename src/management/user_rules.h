// What a database user may be, wherever it is written: by one request, or by an import.
#pragma once
#include <array>
#include <string>
#include <string_view>

#include "base/result.h"
#include "json/value.h"
#include "model/directory.h"

namespace segue::management {

// Everything that is part of the profile document, and neither a column nor metadata.
inline constexpr std::array<std::string_view, 5> kProfileFields = {"given_name", "family_name", "name", "nickname", "picture"};

base::Outcome check_username(const model::Connection& connection, const std::string& username);
// The user name is there where the connection wants one, and nowhere else.
base::Outcome check_has_username(const model::Connection& connection, const std::string& username);
// contract §9.10: the first level merges, null removes a key, {} removes everything.
void merge_metadata(json::object& profile, const json::object& body);

}  // namespace segue::management
