// Client grants: which client may ask for which audience (contract §9.8). Every change raises the configuration version.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "model/directory.h"
#include "store/paging.h"
#include "store/store.h"

namespace segue::store::client_grants {

std::optional<model::ClientGrant> find(const Reader& r, std::string_view client_grant_id);
// For read-modify-write: as it stands, locked until the commit.
std::optional<model::ClientGrant> find_for_change(const Writer& w, std::string_view client_grant_id);
std::optional<model::ClientGrant> find_pair(const Reader& r, std::string_view client_id, std::string_view audience,
                                            std::string_view subject_type);
struct Filter {
  std::string client_id, audience, subject_type;  // empty: any
};
std::vector<model::ClientGrant> list_after(const Reader& r, const Filter& filter, const Keyset& keyset);  // by client_grant_id
std::vector<model::ClientGrant> list_page(const Reader& r, const Filter& filter, const Offset& offset);
std::int64_t count(const Reader& r, const Filter& filter);

bool insert(const Writer& w, const model::ClientGrant& client_grant);  // false: the pair has one
bool update(const Writer& w, const model::ClientGrant& client_grant);
bool delete_one(const Writer& w, std::string_view client_grant_id);

}  // namespace segue::store::client_grants
