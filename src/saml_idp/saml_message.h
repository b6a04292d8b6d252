// What of a SAML request is needed for its answer, as it is stored with the sign-in (interaction/foreign_protocol.h).
#pragma once
#include <optional>
#include <string>

#include "json/value.h"
#include "saml_messages/header.h"

namespace segue::saml_idp {

struct SamlMessage {
  std::string request_id;  // empty: nobody asked
  std::string audience;    // the Issuer of the request; of one that nobody asked for the client's own
  std::optional<std::string> relay_state = {};
  std::optional<saml_messages::NameId> subject = {};  // whom to sign in
};
json::object to_json(const SamlMessage& message);
SamlMessage saml_message_from(const json::object& stored);

}  // namespace segue::saml_idp
