#include "saml_idp/saml_message.h"

namespace segue::saml_idp {

json::object to_json(const SamlMessage& m) {
  json::object out{{"request_id", m.request_id}, {"audience", m.audience}};
  if (m.relay_state) out["relay_state"] = *m.relay_state;
  if (m.subject) out["subject"] = json::object{{"value", m.subject->value}, {"format", m.subject->format}};
  return out;
}

SamlMessage saml_message_from(const json::object& o) {
  SamlMessage out{.request_id = json::find_string(o, "request_id").value_or(""),
                  .audience = json::find_string(o, "audience").value_or(""),
                  .relay_state = json::find_string(o, "relay_state")};
  if (const auto* const subject = json::find_object(o, "subject")) {
    out.subject = saml_messages::NameId{.value = json::find_string(*subject, "value").value_or(""),
                                        .format = json::find_string(*subject, "format").value_or("")};
  }
  return out;
}

}  // namespace segue::saml_idp
