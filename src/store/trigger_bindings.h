// Which Actions run at a trigger, in which order (contract §8.2). Every change raises the configuration version.
#pragma once
#include <string_view>
#include <vector>

#include "model/action.h"
#include "store/store.h"

namespace segue::store::trigger_bindings {

std::vector<model::ActionBinding> list(const Reader& r, std::string_view trigger_id);  // in order
std::vector<model::ActionBinding> list_of_action(const Reader& r, std::string_view action_id);
// The whole list of the trigger, in this order. Whoever replaces it at the same time waits.
void replace(const Writer& w, std::string_view trigger_id, const std::vector<model::ActionBinding>& bindings);
std::int64_t delete_of_action(const Writer& w, std::string_view action_id);

}  // namespace segue::store::trigger_bindings
