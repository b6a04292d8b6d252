// What the identity provider sends in single logout (SAML core §3.7), signed, through the browser to the party's logout callback.
#pragma once
#include <optional>
#include <string>

#include "base/random.h"
#include "http/message.h"
#include "model/single_logout.h"
#include "saml_idp/logout/party.h"
#include "saml_messages/header.h"

namespace segue::saml_idp {

struct Sender {
  const tenancy::Snapshot& tenant;
  const xml::PrivateKey& key;
  base::Instant now;
};

std::string new_message_id(base::Random& random);

// `id` is the new message's own.
http::Response send_logout_request(const Sender& sender, const Party& to, const model::SessionParticipant& participant,
                                   const std::string& id, const std::string& relay_state);

struct LogoutAnswer {
  std::string id, in_response_to;
  saml_messages::Status status;
  std::optional<std::string> relay_state = {};  // as it came
  bool by_post = false;                         // as the request came; the addon's binding counts before it
};
http::Response send_logout_response(const Sender& sender, const Party& to, const LogoutAnswer& answer);

}  // namespace segue::saml_idp
