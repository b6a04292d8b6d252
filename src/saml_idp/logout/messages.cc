#include "saml_idp/logout/messages.h"

#include "assertions/answer.h"
#include "assertions/entity_id.h"
#include "http/parameters.h"
#include "interaction/pages.h"
#include "saml_idp/saml_client.h"
#include "saml_messages/bindings.h"
#include "saml_messages/logout.h"
#include "xml/signature.h"

namespace segue::saml_idp {
namespace {

using saml_messages::MessageKind;

saml_messages::Header header_of(const Sender& sender, const Party& to, const std::string& id) {
  return {.id = id,
          .issuer = to.addon.issuer.empty() ? assertions::entity_id_of(sender.tenant) : to.addon.issuer,
          .issue_instant = sender.now,
          .destination = to.addon.logout_callback};
}

// SAML bindings §3.4, §3.5: in a query the signature stands beside the message, in a form inside it.
http::Response send(const Sender& sender, const Party& to, MessageKind kind, const saml_messages::Unsigned& message,
                    const std::optional<std::string>& relay_state, bool by_post) {
  const auto form = assertions::form_of(to.addon);
  if (!by_post) {
    const saml_messages::RedirectSignature signature{.key = sender.key, .algorithm = form.signature};
    return http::redirect_response(
        saml_messages::redirect_to(to.addon.logout_callback, kind, message.xml, relay_state, signature));
  }
  http::Parameters fields;
  fields.add(kind == MessageKind::request ? "SAMLRequest" : "SAMLResponse",
             saml_messages::post_value(xml::sign(message.xml, message.signature_position, message.id, sender.key, form)));
  if (relay_state) fields.add("RelayState", *relay_state);
  return interaction::pages::form_post_page(to.addon.logout_callback, fields);
}

}  // namespace

std::string new_message_id(base::Random& random) {
  // SAML core §1.3.4: 128 random bits, and no digit first.
  return "_" + random.text(32, base::kHexDigits);
}

http::Response send_logout_request(const Sender& sender, const Party& to, const model::SessionParticipant& participant,
                                   const std::string& id, const std::string& relay_state) {
  saml_messages::LogoutRequest request{.header = header_of(sender, to, id),
                                       .name_id = {.value = participant.name_id, .format = participant.name_id_format},
                                       .not_on_or_after = sender.now + saml_messages::kMessageLifetime};
  if (!participant.session_index.empty()) request.session_indexes.push_back(participant.session_index);
  return send(sender, to, MessageKind::request, saml_messages::write_logout_request(request), relay_state,
              to.addon.posts_logout.value_or(false));
}

http::Response send_logout_response(const Sender& sender, const Party& to, const LogoutAnswer& answer) {
  const saml_messages::LogoutResponse response{
      .header = header_of(sender, to, answer.id), .in_response_to = answer.in_response_to, .status = answer.status};
  return send(sender, to, MessageKind::response, saml_messages::write_logout_response(response), answer.relay_state,
              to.addon.posts_logout.value_or(answer.by_post));
}

}  // namespace segue::saml_idp
