// Roles (contract §9.11). They are no configuration of the snapshot: who has which is asked in the transaction that decides.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "model/role.h"
#include "store/paging.h"
#include "store/store.h"

namespace segue::store::roles {

std::optional<model::Role> find(const Reader& r, std::string_view role_id);
// Locked until the commit: for a change, and for what is to be given the role.
std::optional<model::Role> find_for_change(const Writer& w, std::string_view role_id);
// By name. `name_filter`: a part of the name, compared without case; empty: all.
std::vector<model::Role> list_page(const Reader& r, std::string_view name_filter, const Offset& offset);
std::vector<model::Role> list_after(const Reader& r, std::string_view name_filter, const Keyset& keyset);  // by role_id
std::int64_t count(const Reader& r, std::string_view name_filter);

enum class Written { done, taken, missing };  // taken: the name exists
Written insert(const Writer& w, const model::Role& role);
Written update(const Writer& w, const model::Role& role);
// With its permissions; its members have it no more.
bool delete_one(const Writer& w, std::string_view role_id);

}  // namespace segue::store::roles
