#include "wsfed_idp/passive_endpoint.h"

#include "audit/event_of.h"
#include "http/form_origin.h"
#include "interaction/pages.h"
#include "saml_messages/names.h"
#include "wsfed_idp/passive_message.h"
#include "wsfed_idp/passive_request.h"
#include "wsfed_idp/relying_party.h"

namespace segue::wsfed_idp {
namespace {

// contract §5.9: the request's address, else the addon's, else the first callback. Whether it is registered is asked when the
// sign-in begins.
base::Result<std::string> consumer_url(const model::Client& client, const model::WsfedAddon& addon, const PassiveRequest& asked) {
  if (!asked.reply.empty()) return asked.reply;
  if (!addon.assertion.destination.empty()) return addon.assertion.destination;
  if (const auto callbacks = client.consumer_urls(); !callbacks.empty()) return callbacks.front();
  return saml_messages::refused("The application has no callback. Register the address that reads its tokens as one.");
}

// As Actions see it in event.request.query: what the application sent.
json::object shown(const http::Parameters& parameters) {
  json::object out;
  for (const auto& [name, value] : parameters.pairs()) out[name] = value;
  return out;
}

base::Result<http::Response> sign_in(const Services& services, http::Call& call,
                                     const std::shared_ptr<const tenancy::Snapshot>& tenant, const RelyingParty& party,
                                     const http::Parameters& parameters, const PassiveRequest& asked) {
  const auto addon = TRY(addon_of(*party.client));
  auto consumer = TRY(consumer_url(*party.client, addon, asked));
  interaction::ForeignRequest request{.protocol = std::string(interaction::kWsFederation),
                                      .client = party.client,
                                      .consumer_url = std::move(consumer),
                                      .message = to_json({.realm = party.realm, .context = asked.context}),
                                      .shown = shown(parameters),
                                      .connection = asked.connection,
                                      .organization = asked.organization,
                                      .login_hint = asked.login_hint};
  request.forces_login = asked.max_age == 0;
  if (asked.max_age > 0) request.max_age = asked.max_age;
  request.initiated_here = !asked.is_asked_for;
  request.session_transfer_token = asked.session_transfer_token;
  request.objection = asked.objection;
  return services.flow.begin_foreign(call, tenant, std::move(request));
}

// WS-Federation §13.2.4. No relying party needs to be named: then the tenant's own addresses count.
base::Result<http::Response> sign_out(const Services& services, const http::Call& call,
                                      std::shared_ptr<const model::Client> client, const PassiveRequest& asked) {
  interaction::SignOutRequest request{
      .protocol = interaction::kWsFederation, .client = std::move(client), .return_to = {}, .parameter = "wreply"};
  // A clean-up is told by the page of whoever cleans up, and leads nowhere.
  if (asked.action == Action::sign_out && !asked.reply.empty()) request.return_to = asked.reply;
  return services.sign_out.sign_out(call, request);
}

// What the request's failure is told with: its client, as far as it is known, and the type of its row. Empty: it has one.
struct Judged {
  base::Result<http::Response> answer;
  std::shared_ptr<const model::Client> client = nullptr;
  std::string_view log_type = "f";
};

Judged judge_read(const Services& services, http::Call& call, const std::shared_ptr<const tenancy::Snapshot>& tenant,
                  const http::Parameters& parameters, const PassiveRequest& asked) {
  const auto client_id = call.path_parameter("client_id");
  const bool signs_in = asked.action == Action::sign_in;
  if (!signs_in && client_id.empty() && asked.realm.empty())
    return {.answer = sign_out(services, call, nullptr, asked), .log_type = ""};
  auto party = find_relying_party(*tenant, client_id, asked.realm);
  if (!party.ok())
    return {.answer = std::move(party).error(), .client = tenant->client(client_id), .log_type = signs_in ? "f" : "flo"};
  if (!signs_in) {
    auto addon = addon_of(*party->client);
    if (!addon.ok()) return {.answer = std::move(addon).error(), .client = party->client, .log_type = "flo"};
    return {.answer = sign_out(services, call, party->client, asked), .log_type = ""};
  }
  return {.answer = sign_in(services, call, tenant, *party, parameters, asked), .client = party->client};
}

Judged judge(const Services& services, http::Call& call, const std::shared_ptr<const tenancy::Snapshot>& tenant) {
  const auto known = tenant->client(call.path_parameter("client_id"));
  const auto parameters = read_parameters(call.request);
  if (!parameters.ok()) return {.answer = parameters.error(), .client = known};
  // A form of the relying party's page comes without the cookies that stay at home: it is sent again from a page of ours.
  if (call.request.method == http::Method::post && http::is_foreign_form(call))
    return {.answer = interaction::pages::repost_page(call.request.path, *parameters, "")};
  const auto asked = read_passive_request(*parameters, services.clock.now());
  if (!asked.ok()) return {.answer = asked.error(), .client = known};
  return judge_read(services, call, tenant, *parameters, *asked);
}

audit::Event failure_row(const http::Call& call, const Judged& judged) {
  const auto& error = judged.answer.error();
  auto row = audit::event_of(call, judged.log_type, judged.client.get());
  row.description = error.description;
  row.details["protocol"] = interaction::kWsFederation;
  if (judged.log_type == "flo") {
    row.details["initiated_by"] = "rp";
  } else {
    row.details["error"] = json::object{{"oauthError", error.code}, {"message", error.description}};
  }
  return row;
}

}  // namespace

base::Result<http::Response> passive_endpoint(const Services& services, http::Call& call) {
  return services.tenants.on_current(call.tenant, [&](const auto& tenant) -> base::Result<http::Response> {
    auto judged = judge(services, call, tenant);
    if (!judged.answer.ok() && !judged.log_type.empty()) services.failures.push(call.tenant, failure_row(call, judged));
    return std::move(judged.answer);
  });
}

}  // namespace segue::wsfed_idp
