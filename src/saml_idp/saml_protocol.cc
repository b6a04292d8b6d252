#include "saml_idp/saml_protocol.h"

#include "assertions/entity_id.h"
#include "assertions/key_ring.h"
#include "assertions/overrides.h"
#include "assertions/person.h"
#include "audit/event_of.h"
#include "base/text.h"
#include "interaction/pages.h"
#include "saml_idp/saml_client.h"
#include "saml_messages/bindings.h"
#include "saml_messages/names.h"
#include "sessions/participation.h"

namespace segue::saml_idp {
namespace {

using interaction::ForeignSignIn;

constexpr std::string_view kHex = "0123456789abcdef";

// SAML bindings §3.5.4: what came as RelayState goes back with the answer.
http::Response posting_page(const std::string& consumer_url, std::string_view xml,
                            const std::optional<std::string>& relay_state) {
  http::Parameters form;
  form.add("SAMLResponse", saml_messages::post_value(xml));
  if (relay_state) form.add("RelayState", *relay_state);
  return interaction::pages::form_post_page(consumer_url, form);
}

base::Result<std::optional<xml::PublicKey>> reader_of(const model::SamlAddon& addon) {
  if (addon.encryption_key.empty()) return std::optional<xml::PublicKey>();
  auto key = xml::PublicKey::from_pem(addon.encryption_key);
  if (!key) {
    return saml_messages::refused(
        "The key that assertions are to be encrypted for is no RSA key of 2,048 bits or more. Set encryptionCert.");
  }
  return key;
}

// An Action may send the answer elsewhere, among the places that the client has registered.
base::Outcome check_destination(const ForeignSignIn& s, const model::SamlAddon& addon, const std::string& destination) {
  const bool known = base::contains(s.client.callbacks, destination) || destination == addon.destination;
  if (known && model::is_web_page(destination)) return base::Unit{};
  return saml_messages::refused("An Action set a destination that is not among the application's callbacks: " +
                                base::shortened(destination, 512));
}

}  // namespace

bool SamlProtocol::admits(const store::Reader& r, const ForeignSignIn& s, const model::User& user) const {
  const auto message = saml_message_from(s.message);
  if (!message.subject) return true;
  const auto addon = addon_of(s.client);
  if (!addon.ok()) return false;
  // SAML core §3.4.1.4: the one whom the answer would name so.
  const auto person = assertions::person_of(s.tenant, user, user.connection_id, s.client.client_id, &r);
  const auto name_id = assertions::name_id_of(assertions::claims_of(person, *addon), person, *addon);
  return name_id && name_id->value == message.subject->value;
}

assertions::Occasion SamlProtocol::occasion() const {
  const auto id = [&] { return "_" + services_.random.text(32, kHex); };
  return {.response_id = id(), .assertion_id = id(), .now = services_.clock.now()};
}

base::Result<SamlProtocol::Answer> SamlProtocol::answer(const ForeignSignIn& s, const interaction::SignedIn& in) {
  const auto message = saml_message_from(s.message);
  const auto overrides = assertions::overrides_from(in.answer_overrides);
  const auto configured = TRY(addon_of(s.client));
  const auto addon = TRY(assertions::overridden_addon(s.client, overrides));
  Answer out{.xml = {}, .consumer_url = s.consumer_url, .relay_state = message.relay_state};
  if (overrides.relay_state) out.relay_state = overrides.relay_state;
  if (addon.destination != configured.destination) {
    TRY(check_destination(s, configured, addon.destination));
    out.consumer_url = addon.destination;
  }
  // It may have become another application's name while the person typed.
  TRY(check_asked_audience(s.tenant, s.client, addon, message.audience));
  const auto reader = TRY(reader_of(addon));
  const auto now = occasion();
  const auto key = TRY(services_.keys.signing_key(s.tenant, now.now));
  const assertions::Asked asked{.request_id = message.request_id, .audience = message.audience, .consumer_url = out.consumer_url};
  const assertions::SignedIn signed_in{
      .person = assertions::person_of(s.tenant, in.user, in.session.connection_id, s.client.client_id),
      .authn_instant = in.session.authenticated_at,
      .session_index = in.session_index,
      .session_expires_at = in.session.expires_at,
      .extra_attributes = overrides.attributes};
  const assertions::Self self{
      .entity_id = assertions::entity_id_of(s.tenant), .key = *key, .encrypt_for = reader ? &*reader : nullptr};
  auto made = TRY(assertions::saml_response(asked, signed_in, addon, self, now));
  out.xml = std::move(made.xml);
  out.subject = std::move(made.subject);
  return out;
}

http::Response SamlProtocol::respond(const ForeignSignIn& s, const interaction::SignedIn& in) {
  auto made = answer(s, in);
  if (made.ok()) {
    const model::SessionParticipant participant{.client_id = s.client.client_id,
                                                .protocol = std::string(interaction::kSamlProtocol),
                                                .name_id = made->subject.value,
                                                .name_id_format = made->subject.format,
                                                .session_index = in.session_index,
                                                .consumer_url = made->consumer_url};
    if (sessions::take_part(s.tenant, in.session, participant, services_.clock.now()))
      return posting_page(made->consumer_url, made->xml, made->relay_state);
    made = saml_messages::refused("The session ended while it was being answered. Sign in again.");
  }
  // The person was signed in here; only the service provider cannot be told, and the row says why.
  auto row = audit::event_of(s.call, "f", &s.client);
  row.user_id = in.user.user_id;
  row.description = made.error().description;
  row.details["protocol"] = interaction::kSamlProtocol;
  row.details["session_id"] = in.session.sid;
  services_.failures.push(s.call.tenant, std::move(row));
  auto error = std::move(made).error();
  error.kind = base::ErrorKind::unavailable;
  return refuse(s, error);
}

http::Response SamlProtocol::refuse(const ForeignSignIn& s, const base::Error& error) {
  const auto message = saml_message_from(s.message);
  const auto now = occasion();
  const auto key = services_.keys.signing_key(s.tenant, now.now);
  if (!key.ok())
    return interaction::pages::message_page(503, "This sign-in link does not work", key.error().description, s.call.request_id);
  const auto addon = addon_of(s.client);
  const assertions::Asked asked{.request_id = message.request_id, .audience = message.audience, .consumer_url = s.consumer_url};
  const auto xml = assertions::saml_refusal(asked, error, addon.ok() ? *addon : model::SamlAddon(),
                                            {.entity_id = assertions::entity_id_of(s.tenant), .key = **key}, now);
  return posting_page(s.consumer_url, xml, message.relay_state);
}

}  // namespace segue::saml_idp
