// The values of Actions' and modules' secrets, sealed under the key file (contract §8.2). Drafts and versions name them by id; a
// value never changes, so a version keeps what it was deployed with.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/action.h"
#include "store/store.h"

namespace segue::store::action_secrets {

inline constexpr std::string_view kSealPurpose = "action_secret";  // of tenancy::seal_context()

// `owner_id`: an Action or a module.
void insert(const Writer& w, std::string_view owner_id, const model::ActionSecret& secret);
// The owner's sealed values by secret_id.
std::map<std::string, std::string> list_of_owner(const Reader& r, std::string_view owner_id);
// The same secrets with their sealed values; one that brings its value keeps it, one whose value is gone is left out.
std::vector<model::ActionSecret> with_values(const Reader& r, std::string_view owner_id,
                                             std::vector<model::ActionSecret> secrets);
// Forgets the owner's values that no draft and no version names any more; an empty list forgets all. Returns how many.
std::int64_t keep_only(const Writer& w, std::string_view owner_id, const std::vector<std::string>& secret_ids);

}  // namespace segue::store::action_secrets
