// Which of a user's identities a request means, where it may mean another than the user's own.
#pragma once
#include <string>
#include <string_view>

#include "base/result.h"
#include "json/value.h"
#include "model/directory.h"
#include "store/store.h"
#include "tenancy/snapshot.h"

namespace segue::management {

// contract §9.12: `identity` of tickets and jobs, {provider, user_id, connection_id?}. Null: the user's own. Its row, which a
// ticket is about.
base::Result<model::User> find_identity_of_ticket(const store::Reader& r, const model::User& user, const json::object* identity);

// PATCH /users/{id}: `connection` says whose e-mail address, user name or password is changed. The user_id of its row.
base::Result<std::string> identity_of_connection(const tenancy::Snapshot& tenant, const model::User& user,
                                                 const json::object& body);

// contract §9.10: POST and DELETE /users/{id}/identities name an identity by its provider, with the user_id that it has there or
// with the whole one. All user_ids that this may be.
std::vector<std::string> possible_user_ids(std::string_view provider, std::string_view user_id);

}  // namespace segue::management
