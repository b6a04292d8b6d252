#include "oauth/actions/actions_way.h"

#include <algorithm>

namespace segue::oauth {

ActionsWay way_after(const std::vector<model::BoundAction>& bound, const json::object& suspended) {
  ActionsWay out;
  out.done = json::find_strings(suspended, "done");
  out.transaction_metadata = json::object_or_empty(suspended, "transaction_metadata");
  out.transaction_id = json::find_string(suspended, "transaction_id").value_or("");
  auto done = out.done;
  const auto goes_on = json::find_string(suspended, "goes_on").value_or("");
  for (const auto& each : bound) {
    const auto& id = each.action.action_id;
    // An Action may be bound twice: it has run as often as it is named.
    const auto found = std::find(done.begin(), done.end(), id);
    if (found != done.end()) {
      done.erase(found);
    } else if (!out.continues && id == goes_on) {
      out.continues = true;
      out.bound.insert(out.bound.begin(), each);
    } else {
      out.bound.push_back(each);
    }
  }
  return out;
}

json::object suspended(const ActionsWay& way, std::size_t ran, json::object transaction_metadata) {
  auto done = way.done;
  for (std::size_t i = 0; i + 1 < ran; ++i) done.push_back(way.bound[i].action.action_id);
  return {{"done", json::to_array(done)},
          {"goes_on", way.bound[ran - 1].action.action_id},
          {"transaction_metadata", std::move(transaction_metadata)},
          {"transaction_id", way.transaction_id}};
}

}  // namespace segue::oauth
