// Organizations and the connections enabled for them (contract §9.11). Every change raises the configuration version.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "model/organization.h"
#include "store/paging.h"
#include "store/store.h"

namespace segue::store::organizations {

std::optional<model::Organization> find(const Reader& r, std::string_view organization_id);
std::optional<model::Organization> find_by_name(const Reader& r, std::string_view name);
// For read-modify-write: as it stands, locked until the commit.
std::optional<model::Organization> find_for_change(const Writer& w, std::string_view organization_id);
// By organization_id and by name. The lists do not load the enabled connections.
std::vector<model::Organization> list_after(const Reader& r, const Keyset& keyset);
std::vector<model::Organization> list_page(const Reader& r, const Offset& offset);
std::int64_t count(const Reader& r);
std::vector<model::Organization> list_of_user(const Reader& r, std::string_view user_id, const Offset& offset);
std::int64_t count_of_user(const Reader& r, std::string_view user_id);

enum class Written { done, taken, missing };  // taken: the name exists
// With its connections.
Written insert(const Writer& w, const model::Organization& organization);
Written update(const Writer& w, const model::Organization& organization);  // name and document
// With its members, their roles in it, and its connections.
bool delete_one(const Writer& w, std::string_view organization_id);

bool enable_connection(const Writer& w, std::string_view organization_id, const model::OrganizationConnection& connection);
bool update_connection(const Writer& w, std::string_view organization_id, const model::OrganizationConnection& connection);
bool disable_connection(const Writer& w, std::string_view organization_id, std::string_view connection_id);

}  // namespace segue::store::organizations
