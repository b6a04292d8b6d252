// What a host process says, checked as what a stranger says: an Action can write to the socket itself.
#pragma once
#include <string>
#include <string_view>
#include <variant>

#include "actions/invocation.h"

namespace segue::actions {

struct Ready {};
struct Ask {
  std::string method;
  json::array arguments;
};
struct Done {
  bool spent = false;  // the process must not serve another call
};
using Reply = std::variant<Ready, ActionResult, Ask, Done>;

// The answer of call `call_id` to an invocation of `trigger`. `Ready` answers no call.
base::Result<Reply> parse_reply(std::string_view text, std::string_view call_id, std::string_view trigger);

// True when one of the result's commands keeps the Actions behind it from running.
bool stops(const ActionResult& result, std::string_view trigger);

}  // namespace segue::actions
