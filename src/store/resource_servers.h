// Resource servers, the audiences of access tokens (contract §9.7). Every change raises the configuration version.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "model/directory.h"
#include "store/paging.h"
#include "store/store.h"

namespace segue::store::resource_servers {

std::optional<model::ResourceServer> find(const Reader& r, std::string_view id_or_identifier);
// For read-modify-write: as it stands, locked until the commit.
std::optional<model::ResourceServer> find_for_change(const Writer& w, std::string_view id_or_identifier);
std::optional<model::ResourceServer> find_by_identifier(const Reader& r, std::string_view identifier);
std::vector<model::ResourceServer> list_page(const Reader& r, const std::vector<std::string>& identifiers, const Offset& offset);
std::vector<model::ResourceServer> list_after(const Reader& r, const std::vector<std::string>& identifiers, const Keyset& keyset);
std::int64_t count(const Reader& r, const std::vector<std::string>& identifiers);

bool insert(const Writer& w, const model::ResourceServer& resource_server);  // false: the identifier is taken
// Permissions for scopes that it has no more are gone.
bool update(const Writer& w, const model::ResourceServer& resource_server);
bool delete_one(const Writer& w, std::string_view resource_server_id);  // with its client grants and permissions

}  // namespace segue::store::resource_servers
