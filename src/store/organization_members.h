// Who belongs to an organization (contract §9.11).
#pragma once
#include <string_view>
#include <vector>

#include "model/directory.h"
#include "store/paging.h"
#include "store/store.h"

namespace segue::store::organization_members {

// Adding a member twice changes nothing. False: was one already.
bool add(const Writer& w, std::string_view organization_id, std::string_view user_id, base::Instant now);
// With the roles that the member had in it.
bool remove(const Writer& w, std::string_view organization_id, std::string_view user_id);
bool is_member(const Reader& r, std::string_view organization_id, std::string_view user_id);
std::vector<model::User> list_after(const Reader& r, std::string_view organization_id, const Keyset& keyset);  // by user_id
std::vector<model::User> list_page(const Reader& r, std::string_view organization_id, const Offset& offset);   // by user_id
std::int64_t count(const Reader& r, std::string_view organization_id);
// A user who goes leaves their organizations.
void remove_everywhere(const Writer& w, std::string_view user_id);

}  // namespace segue::store::organization_members
