#include "saml_idp/sign_on.h"

#include <algorithm>

#include "audit/event_of.h"
#include "base/text.h"
#include "http/form_origin.h"
#include "interaction/pages.h"
#include "saml_idp/saml_client.h"
#include "saml_idp/saml_message.h"
#include "saml_messages/authn_request.h"
#include "saml_messages/bindings.h"
#include "saml_messages/names.h"

namespace segue::saml_idp {
namespace {

using saml_messages::refused;

// What came with the message, or instead of one. The application's own parameters may stand in the query of a form's address.
struct Presented {
  http::Parameters query, form;
  std::optional<saml_messages::Arrived> message;  // nothing: nobody asked
  std::optional<std::string> relay_state;

  std::string value(std::string_view name) const {
    const auto found = form.find(name);
    return found ? *found : query.find(name).value_or("");
  }
};

base::Result<http::Parameters> unique_parameters(std::string_view text) {
  auto out = TRY(http::Parameters::parse(text));
  if (const auto twice = out.first_duplicate()) return refused("The parameter " + *twice + " is present more than once.");
  return out;
}

// An empty one is one, too.
std::optional<std::string> relay_state_in(const http::Parameters& parameters) {
  if (!parameters.has("RelayState")) return std::nullopt;
  return parameters.find("RelayState").value_or("");
}

base::Result<Presented> read(const http::Request& request) {
  Presented out;
  out.query = TRY(unique_parameters(request.query));
  if (request.method == http::Method::post) {
    out.form = TRY(unique_parameters(request.body));
    for (const auto& [name, value] : out.form.pairs()) {
      if (out.query.has(name)) return refused("The parameter " + name + " is present in the address and in the form.");
    }
    out.relay_state = relay_state_in(out.form);
    if (out.form.has("SAMLResponse")) return refused("A sign-in is asked for with SAMLRequest, not with SAMLResponse.");
    if (out.form.has("SAMLRequest")) {
      out.message = TRY(saml_messages::from_post(saml_messages::MessageKind::request, out.form.find("SAMLRequest").value_or(""),
                                                 out.relay_state));
    }
  } else {
    out.relay_state = relay_state_in(out.query);
    if (out.query.has("SAMLResponse")) return refused("A sign-in is asked for with SAMLRequest, not with SAMLResponse.");
    if (out.query.has("SAMLRequest")) out.message = TRY(saml_messages::from_redirect(request.query));
  }
  if (out.message) out.relay_state = out.message->relay_state;
  if (out.relay_state && out.relay_state->size() > saml_messages::Limits{}.relay_state)
    return refused("RelayState is longer than " + std::to_string(saml_messages::Limits{}.relay_state) + " bytes.");
  return out;
}

// SAML core §3.4.1: the request's own address, or the one that its index names, else the addon's, else the first.
base::Result<std::string> consumer_url(const model::Client& client, const model::SamlAddon& addon,
                                       const saml_messages::AuthnRequest* asked) {
  if (asked != nullptr && asked->consumer_url) return *asked->consumer_url;
  const auto callbacks = client.consumer_urls();
  if (asked != nullptr && asked->consumer_index) {
    const auto index = static_cast<std::size_t>(*asked->consumer_index);
    if (index >= callbacks.size())
      return refused("The application has no callback " + std::to_string(index) + ", which AssertionConsumerServiceIndex names.");
    return callbacks[index];
  }
  if (!addon.destination.empty()) return addon.destination;
  if (callbacks.empty()) return refused("The application has no callback. Register its consumer URL as one.");
  return callbacks.front();
}

// The request, opened with the key that it must be signed with, where it must.
base::Result<saml_messages::AuthnRequest> opened(const saml_messages::Arrived& arrived, const model::SamlAddon& addon) {
  if (addon.signing_cert.empty()) return saml_messages::read_authn_request(TRY(saml_messages::open(arrived, {})));
  const auto key = xml::PublicKey::from_pem(addon.signing_cert);
  if (!key) return refused("The application's addons.samlp.signingCert is no certificate of an RSA key of 2,048 bits or more.");
  const auto document = TRY(saml_messages::open(arrived, {.key = &*key, .sha1 = addon.sha1_signature}));
  return saml_messages::read_authn_request(document);
}

// Answers go by form only (SAML profiles §4.1.2).
base::Outcome check_binding(const saml_messages::AuthnRequest& asked) {
  if (!asked.protocol_binding || *asked.protocol_binding == saml_messages::kPostBinding) return base::Unit{};
  return refused("The answer travels by " + std::string(saml_messages::kPostBinding) + " only. Ask for it as ProtocolBinding.");
}

// SAML core §2.5.1.2: the requester says until when it means it.
base::Outcome check_conditions(const saml_messages::AuthnRequest& asked, base::Instant now) {
  if (!asked.not_on_or_after || now < *asked.not_on_or_after + saml_messages::kClockSkew) return base::Unit{};
  return refused("The request's Conditions have expired. Begin again.");
}

// SAML core §3.3.2.2.1: people sign in by password, and what demands more is not told that it has been.
base::Outcome check_context(const saml_messages::AuthnRequest& asked, const model::SamlAddon& addon) {
  const auto& classes = asked.context_classes;
  const auto is_met = [&](const std::string& name) {
    return saml_messages::is_met_by_password(name) || name == addon.authn_context_class_ref;
  };
  if (classes.empty()) return base::Unit{};
  if (!asked.wants_better_context && std::any_of(classes.begin(), classes.end(), is_met)) return base::Unit{};
  auto error = refused("People sign in by password here, and RequestedAuthnContext asks for something else. Leave it out.");
  error.code = "unmet_authentication_requirements";
  return error;
}

// As Actions see it in event.request.query: what the application sent, but for the message itself.
json::object shown(const Presented& presented) {
  json::object out;
  for (const auto* const parameters : {&presented.query, &presented.form}) {
    for (const auto& [name, value] : parameters->pairs()) {
      if (name != "SAMLRequest" && name != "Signature") out[name] = value;
    }
  }
  return out;
}

interaction::ForeignRequest begun(const std::shared_ptr<const model::Client>& client, const Presented& presented) {
  return {.protocol = std::string(interaction::kSamlProtocol),
          .client = client,
          .consumer_url = {},
          .message = {},
          .shown = shown(presented),
          .connection = presented.value("connection"),
          .organization = presented.value("organization"),
          .login_hint = presented.value("login_hint"),
          .session_transfer_token = presented.value("session_transfer_token")};
}

// What the service provider is told, once its consumer URL is verified.
base::Outcome check_request(const tenancy::Snapshot& tenant, const model::Client& client, const model::SamlAddon& addon,
                            const saml_messages::AuthnRequest& asked, base::Instant now) {
  TRY(saml_messages::check_age(asked.header, now));
  TRY(check_conditions(asked, now));
  TRY(check_asked_audience(tenant, client, addon, asked.header.issuer));
  TRY(check_binding(asked));
  return check_context(asked, addon);
}

base::Result<interaction::ForeignRequest> asked_for(const tenancy::Snapshot& tenant, const http::Call& call,
                                                    const std::shared_ptr<const model::Client>& client,
                                                    const model::SamlAddon& addon, const Presented& presented,
                                                    base::Instant now) {
  const auto asked = TRY(opened(*presented.message, addon));
  const auto& header = asked.header;
  TRY(saml_messages::check_destination(header, !addon.signing_cert.empty(), sign_on_url(tenant, call.domain, *client)));
  auto out = begun(client, presented);
  out.consumer_url = TRY(consumer_url(*client, addon, &asked));
  out.message = to_json(
      {.request_id = header.id, .audience = header.issuer, .relay_state = presented.relay_state, .subject = asked.subject});
  out.forces_login = asked.force_authn;
  out.is_passive = asked.is_passive;
  if (auto checked = check_request(tenant, *client, addon, asked, now); !checked.ok()) out.objection = std::move(checked).error();
  out.identifier = header.issuer + "\n" + header.id;
  out.remembered_until = now + saml_messages::kRememberIdFor;
  return out;
}

base::Result<interaction::ForeignRequest> unasked(const std::shared_ptr<const model::Client>& client,
                                                  const model::SamlAddon& addon, const Presented& presented) {
  const auto audience = unasked_audience(*client, addon);
  if (audience.empty()) {
    return refused(
        "Nobody says for whom this sign-in is: the link came without a SAMLRequest. Set addons.samlp.audience of the "
        "application.");
  }
  auto out = begun(client, presented);
  out.consumer_url = TRY(consumer_url(*client, addon, nullptr));
  out.message = to_json({.request_id = {}, .audience = audience, .relay_state = presented.relay_state});
  out.initiated_here = true;
  return out;
}

base::Result<http::Response> begin(const Services& services, http::Call& call,
                                   const std::shared_ptr<const tenancy::Snapshot>& tenant,
                                   const std::shared_ptr<const model::Client>& client) {
  const auto addon = TRY(addon_of(*client));
  const auto presented = TRY(read(call.request));
  // A form of the service provider's page comes without the cookies that stay at home: it is sent again from a page of ours.
  if (call.request.method == http::Method::post && http::is_foreign_form(call)) {
    const auto query = call.request.query.empty() ? std::string() : "?" + call.request.query;
    return interaction::pages::repost_page("/samlp/" + client->client_id + query, presented.form, "");
  }
  auto request = presented.message ? TRY(asked_for(*tenant, call, client, addon, presented, services.clock.now()))
                                   : TRY(unasked(client, addon, presented));
  return services.flow.begin_foreign(call, tenant, std::move(request));
}

}  // namespace

base::Result<http::Response> sign_on(const Services& services, http::Call& call) {
  return services.tenants.on_current(call.tenant, [&](const auto& tenant) -> base::Result<http::Response> {
    const auto client = tenant->client(call.path_parameter("client_id"));
    auto answer =
        !client || client->is_global
            ? base::Result<http::Response>(base::Error{
                  .kind = base::ErrorKind::not_found,
                  .code = "invalid_request",
                  .description = "Unknown client: " + base::shortened(std::string(call.path_parameter("client_id")), 64)})
            : begin(services, call, tenant, client);
    if (!answer.ok()) {
      auto row = audit::event_of(call, "f", client.get());
      row.description = answer.error().description;
      row.details = json::object{{"protocol", interaction::kSamlProtocol},
                                 {"error", {{"oauthError", answer.error().code}, {"message", answer.error().description}}}};
      services.failures.push(call.tenant, std::move(row));
    }
    return answer;
  });
}

}  // namespace segue::saml_idp
