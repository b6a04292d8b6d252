#include "wsfed_idp/ws_federation.h"

#include "assertions/answer.h"
#include "assertions/entity_id.h"
#include "assertions/overrides.h"
#include "assertions/person.h"
#include "audit/event_of.h"
#include "base/text.h"
#include "interaction/pages.h"
#include "saml_messages/names.h"
#include "saml_messages/ws_federation.h"
#include "sessions/participation.h"
#include "wsfed_idp/passive_message.h"
#include "wsfed_idp/relying_party.h"

namespace segue::wsfed_idp {
namespace {

using interaction::ForeignSignIn;
using saml_messages::Fault;
using saml_messages::TokenType;

// WS-Federation §13.2.3: what came as wctx goes back with the answer.
http::Response posting_page(const std::string& consumer_url, const std::string& wresult,
                            const std::optional<std::string>& context) {
  http::Parameters form;
  form.add("wa", "wsignin1.0");
  form.add("wresult", wresult);
  if (context) form.add("wctx", *context);
  return interaction::pages::form_post_page(consumer_url, form);
}

// An Action may send the answer elsewhere, among the places that the client has registered.
base::Outcome check_destination(const ForeignSignIn& s, const std::string& configured, const std::string& wanted) {
  const bool known = wanted == configured || base::contains(s.client.callbacks, wanted);
  if (known && model::is_web_page(wanted)) return base::Unit{};
  return saml_messages::refused("An Action set a destination that is not among the application's callbacks: " +
                                base::shortened(wanted, 512));
}

// WS-Trust §11, from the codes of OAuth, which sign-ins end with.
Fault fault_of(const base::Error& error) {
  if (error.code == "access_denied" || error.code == "unauthorized" || error.code == "authentication_failed")
    return Fault::failed_authentication;
  return error.kind == base::ErrorKind::invalid_input ? Fault::invalid_request : Fault::request_failed;
}

}  // namespace

base::Result<WsFederation::Answer> WsFederation::answer(const ForeignSignIn& s, const interaction::SignedIn& in) {
  const auto message = passive_message_from(s.message);
  // It may have become another application's while the person typed.
  TRY(find_relying_party(s.tenant, s.client.client_id, message.realm));
  const auto overrides = assertions::overrides_from(in.answer_overrides);
  const auto configured = TRY(addon_of(s.client)).assertion.destination;
  const auto addon = TRY(model::wsfed_addon_from(assertions::overridden(s.client, interaction::kWsFederation, overrides)));
  Answer out{.wresult = {}, .consumer_url = s.consumer_url, .context = message.context};
  if (overrides.relay_state) out.context = overrides.relay_state;
  if (addon.assertion.destination != configured) {
    TRY(check_destination(s, configured, addon.assertion.destination));
    out.consumer_url = addon.assertion.destination;
  }
  const auto now = services_.clock.now();
  const auto key = TRY(services_.keys.signing_key(s.tenant, now));
  out.wresult =
      TRY(assertions::wresult({.request_id = {}, .audience = message.realm, .consumer_url = out.consumer_url},
                              {.person = assertions::person_of(s.tenant, in.user, in.session.connection_id, s.client.client_id),
                               .authn_instant = in.session.authenticated_at,
                               .session_index = in.session_index,
                               .session_expires_at = in.session.expires_at,
                               .extra_attributes = overrides.attributes},
                              addon.assertion, {.entity_id = assertions::entity_id_of(s.tenant), .key = *key},
                              {.response_id = {}, .assertion_id = "_" + services_.random.text(32, base::kHexDigits), .now = now},
                              addon.saml_1_1 ? TokenType::saml_1_1 : TokenType::saml_2_0));
  return out;
}

http::Response WsFederation::respond(const ForeignSignIn& s, const interaction::SignedIn& in) {
  auto made = answer(s, in);
  if (made.ok()) {
    const model::SessionParticipant participant{.client_id = s.client.client_id,
                                                .protocol = std::string(interaction::kWsFederation),
                                                .name_id = {},
                                                .name_id_format = {},
                                                .session_index = {},
                                                .consumer_url = made->consumer_url};
    if (sessions::take_part(s.tenant, in.session, participant, services_.clock.now()))
      return posting_page(made->consumer_url, made->wresult, made->context);
    made = saml_messages::refused("The session ended while it was being answered. Sign in again.");
  }
  // The person was signed in here; only the relying party cannot be told, and the row says why.
  auto row = audit::event_of(s.call, "f", &s.client);
  row.user_id = in.user.user_id;
  row.description = made.error().description;
  row.details["protocol"] = interaction::kWsFederation;
  row.details["session_id"] = in.session.sid;
  services_.failures.push(s.call.tenant, std::move(row));
  auto error = made.error();
  error.kind = base::ErrorKind::unavailable;
  return refuse(s, error);
}

http::Response WsFederation::refuse(const ForeignSignIn& s, const base::Error& error) {
  const auto message = passive_message_from(s.message);
  return posting_page(s.consumer_url, saml_messages::write_fault(fault_of(error), error.description), message.context);
}

}  // namespace segue::wsfed_idp
