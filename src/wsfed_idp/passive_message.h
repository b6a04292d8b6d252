// What of a request is needed for its answer, as it is stored with the sign-in (interaction/foreign_protocol.h).
#pragma once
#include <optional>
#include <string>

#include "json/value.h"

namespace segue::wsfed_idp {

struct PassiveMessage {
  std::string realm;                        // whose token it is
  std::optional<std::string> context = {};  // wctx
};
json::object to_json(const PassiveMessage& message);
PassiveMessage passive_message_from(const json::object& stored);

}  // namespace segue::wsfed_idp
