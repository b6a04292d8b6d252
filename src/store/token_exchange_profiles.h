// Which Action answers a token exchange of a subject token type (contract §3.4). Every change raises the configuration version.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "model/action.h"
#include "store/paging.h"
#include "store/store.h"

namespace segue::store::token_exchange_profiles {

std::optional<model::TokenExchangeProfile> find(const Reader& r, std::string_view profile_id);
std::optional<model::TokenExchangeProfile> find_by_type(const Reader& r, std::string_view subject_token_type);
std::vector<model::TokenExchangeProfile> list_after(const Reader& r, const Keyset& keyset);  // by profile_id
std::vector<model::TokenExchangeProfile> list_of_action(const Reader& r, std::string_view action_id);
std::int64_t count(const Reader& r);

enum class Written { done, taken, missing };
Written insert(const Writer& w, const model::TokenExchangeProfile& profile);  // taken: the subject token type is
// Name and subject token type.
Written update(const Writer& w, const model::TokenExchangeProfile& profile);
bool delete_one(const Writer& w, std::string_view profile_id);
std::int64_t delete_of_action(const Writer& w, std::string_view action_id);

}  // namespace segue::store::token_exchange_profiles
