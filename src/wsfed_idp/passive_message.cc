#include "wsfed_idp/passive_message.h"

namespace segue::wsfed_idp {

json::object to_json(const PassiveMessage& message) {
  json::object out{{"realm", message.realm}};
  if (message.context) out["context"] = *message.context;
  return out;
}

PassiveMessage passive_message_from(const json::object& stored) {
  return {.realm = json::find_string(stored, "realm").value_or(""), .context = json::find_string(stored, "context")};
}

}  // namespace segue::wsfed_idp
