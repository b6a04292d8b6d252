// The permissions of roles and of users (contract §9.11), and what a user may do in all (§9.7 enforce_policies).
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "model/role.h"
#include "store/paging.h"
#include "store/store.h"

namespace segue::store::permissions {

// Adding one twice changes nothing. The caller holds the role or the user, and the API.
void add_to_role(const Writer& w, std::string_view role_id, const model::Permission& permission);
bool remove_from_role(const Writer& w, std::string_view role_id, const model::Permission& permission);
std::vector<model::Permission> list_of_role(const Reader& r, std::string_view role_id, const Offset& offset);
std::int64_t count_of_role(const Reader& r, std::string_view role_id);

void add_to_user(const Writer& w, std::string_view user_id, const model::Permission& permission);
bool remove_from_user(const Writer& w, std::string_view user_id, const model::Permission& permission);
// The user's own and those of the user's roles in the whole tenant; one row per permission and source.
std::vector<model::HeldPermission> held_by(const Reader& r, std::string_view user_id);

// What the user may do at this API: own permissions, those of roles, and of roles in the organization unless that is empty.
std::vector<std::string> effective(const Reader& r, std::string_view user_id, std::string_view organization_id,
                                   std::string_view audience);

// What falls with a user, with an API, with a scope of one.
void delete_of_user(const Writer& w, std::string_view user_id);
void delete_of_api(const Writer& w, std::string_view audience);
void keep_scopes(const Writer& w, std::string_view audience, const std::vector<std::string>& scopes);

}  // namespace segue::store::permissions
