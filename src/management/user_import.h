// One user of an import file (contract §9.12 jobs): what it becomes, or what is wrong with it.
#pragma once
#include <string>

#include "base/random.h"
#include "base/result.h"
#include "model/directory.h"

namespace segue::management {

struct ImportedUser {
  model::User user;
  bool names_id = false;  // the file says which user it is
};
// `random` makes the id of a user that has none.
base::Result<ImportedUser> imported_user(const json::value& row, const model::Connection& connection, base::Random& random,
                                         base::Instant now);

// An upsert: the profile, metadata, `blocked` and `email_verified` of the file; e-mail address, user name and password stay.
void update_from_import(model::User& stored, const json::object& row, base::Instant now);

// The entry of the errors list; a hash is not shown again.
json::object import_error(const json::value& row, std::string_view code, std::string_view message);

}  // namespace segue::management
