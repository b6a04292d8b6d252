// Which Actions of a trigger run now: all that are bound or, after a redirect, the one that asked for it and those behind it
// (contract §8.3). Pure.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "json/value.h"
#include "model/action.h"

namespace segue::oauth {

struct ActionsWay {
  std::vector<model::BoundAction> bound = {};  // in their order
  bool continues = false;                      // the first of them goes on after its redirect
  std::vector<std::string> done = {};          // ids of those that ran before
  json::object transaction_metadata = {};      // what they said to those behind them
  std::string transaction_id = {};             // event.transaction.id, one for the whole sign-in; empty: it begins
};

// Behind a redirect, what is bound now counts: an Action that was bound meanwhile runs wherever it stands, and one that is bound
// no more does not.
ActionsWay way_after(const std::vector<model::BoundAction>& bound, const json::object& suspended);
// What the request keeps while the person is away. `ran` Actions of the way ended, the last of which asked for the redirect.
json::object suspended(const ActionsWay& way, std::size_t ran, json::object transaction_metadata);

}  // namespace segue::oauth
