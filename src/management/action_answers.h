// What the API shows of Actions (contract §8.2).
#pragma once
#include <string>
#include <vector>

#include "http/message.h"
#include "model/action.h"
#include "model/action_trigger.h"
#include "store/paging.h"

namespace segue::management {

json::object trigger_answer(const model::ActionTrigger& trigger);
json::object action_answer(const model::Action& action);
// A version as it is listed: `deployed` for the one that runs.
json::object version_answer(const model::Action& action, const model::ActionVersion& version, bool deployed);
// `action` is null when the caller has none to show.
json::object binding_answer(const model::ActionBinding& binding, const model::Action* action);

json::array dependencies_answer(const std::vector<model::ActionDependency>& dependencies);
// Names and times. Values are never shown.
json::array secrets_answer(const std::vector<model::ActionSecret>& secrets);
json::array triggers_of(std::string_view trigger_id, std::string_view version);

// The page that was asked for.
store::Offset actions_page(const json::object& query);
// {"actions":[…],"total":n,"page":n,"per_page":n}: `page` is absent when it is 0, `total` when the page is empty. Clients that
// count pages by `total` end only so.
http::Response actions_page_answer(std::string_view list_name, const store::Offset& offset, json::array items,
                                   std::int64_t total);

}  // namespace segue::management
