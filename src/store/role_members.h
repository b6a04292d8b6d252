// Who has which role (contract §9.11): in the whole tenant (`organization_id` empty), or as a member of one organization.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "model/directory.h"
#include "model/role.h"
#include "store/paging.h"
#include "store/store.h"

namespace segue::store::role_members {

struct Holder {
  std::string_view user_id;
  std::string_view organization_id = {};
};

// Giving a role twice changes nothing. False: the holder had it. The caller holds the user and the role.
bool add(const Writer& w, const Holder& holder, std::string_view role_id, base::Instant now);
bool remove(const Writer& w, const Holder& holder, std::string_view role_id);

std::vector<model::Role> roles_of(const Reader& r, const Holder& holder, const Offset& offset);  // by name
std::int64_t count_of(const Reader& r, const Holder& holder);

// Who has the role in the whole tenant, by user_id.
std::vector<model::User> users_page(const Reader& r, std::string_view role_id, const Offset& offset);
std::vector<model::User> users_after(const Reader& r, std::string_view role_id, const Keyset& keyset);
std::int64_t count_users(const Reader& r, std::string_view role_id);

// What falls with a user, with a membership, with an organization.
void delete_of_user(const Writer& w, std::string_view user_id);
void delete_of_member(const Writer& w, std::string_view organization_id, std::string_view user_id);
void delete_of_organization(const Writer& w, std::string_view organization_id);

}  // namespace segue::store::role_members
