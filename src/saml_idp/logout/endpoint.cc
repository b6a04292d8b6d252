#include "saml_idp/logout/endpoint.h"

#include "assertions/key_ring.h"
#include "audit/event_of.h"
#include "base/text.h"
#include "http/parameters.h"
#include "http/speculative.h"
#include "interaction/foreign_protocol.h"
#include "interaction/sign_out_question.h"
#include "saml_idp/logout/messages.h"
#include "saml_idp/logout/request.h"
#include "saml_idp/logout/walk.h"
#include "saml_idp/saml_client.h"
#include "saml_messages/names.h"
#include "sessions/end_session.h"
#include "sessions/logout_walk.h"
#include "sessions/session_cookie.h"
#include "store/one_time_identifiers.h"
#include "tenancy/claim_once.h"

namespace segue::saml_idp {
namespace {

using saml_messages::MessageKind;
using saml_messages::refused;
using tenancy::Snapshot;

base::Result<saml_messages::Arrived> read_message(const http::Request& request) {
  if (request.method != http::Method::post) return saml_messages::from_redirect(request.query);
  const auto form = TRY(http::Parameters::parse(request.body));
  if (const auto twice = form.first_duplicate()) return refused("The parameter " + *twice + " is present more than once.");
  if (form.has("SAMLRequest") == form.has("SAMLResponse"))
    return refused("The form has neither or both of SAMLRequest and SAMLResponse.");
  const auto kind = form.has("SAMLRequest") ? MessageKind::request : MessageKind::response;
  const auto relay_state = form.has("RelayState") ? std::optional(form.find("RelayState").value_or("")) : std::nullopt;
  return saml_messages::from_post(kind, form.find(kind == MessageKind::request ? "SAMLRequest" : "SAMLResponse").value_or(""),
                                  relay_state);
}

// What the request and the person's yes to it have in common.
struct Asking {
  const Party& party;
  model::LogoutEnd end;
};

interaction::SignOutQuestion question_of(const Asking& asked) {
  interaction::SignOutQuestion out{.action = "/samlp/" + base::percent_encode(asked.end.client_id) + "/logout/confirm",
                                   .asked = {},
                                   .redirect_origin = asked.party.addon.logout_callback};
  out.asked.add("request_id", asked.end.request_id);
  if (asked.end.relay_state) out.asked.add("relay_state", *asked.end.relay_state);
  if (asked.end.by_post) out.asked.add("by_post", "true");
  return out;
}

// Who asked for the sign-out that the message belongs to: an answer is to a request of ours.
std::string_view initiator_of(const http::Request& request) {
  const auto parameters = http::Parameters::parse(request.method == http::Method::post ? request.body : request.query);
  return parameters.ok() && parameters->has("SAMLResponse") ? "idp" : "sp";
}

audit::Event row_of(const http::Call& call, std::string_view type, const model::Client* client) {
  auto row = audit::event_of(call, type, client);
  row.details = json::object{{"initiated_by", initiator_of(call.request)}, {"protocol", interaction::kSamlProtocol}};
  const auto addon = client != nullptr ? addon_of(*client) : base::Result<model::SamlAddon>(model::SamlAddon());
  if (addon.ok() && !addon->logout_callback.empty()) {
    row.details["return_to"] = addon->logout_callback;
    row.details["allowed_logout_url"] = json::array{json::value(addon->logout_callback)};
  }
  return row;
}

enum class Verdict { ended, ask, ended_before, nobody, sent_before };
struct SignedOut {
  Verdict verdict{};
  std::optional<http::Response> walk;  // first through the other service providers
  bool all_told = true;                // where there is none
};

// `judge` decides in the transaction that has locked the browser's sessions.
template <class Judge>
SignedOut sign_out(const Services& services, const http::Call& call, const Snapshot& tenant, const Asking& asked, Judge judge) {
  const auto cookies = sessions::presented_sessions(tenant.keys(), call.request);
  const auto prepared = sessions::prepare_walk(tenant, services.random, call.request);
  const auto row = row_of(call, "slo", asked.party.client.get());
  const auto now = services.clock.now();
  sessions::Begun begun;
  SignedOut out;
  out.verdict = services.tenants.write_on(tenant, [&](const store::Writer& w) {
    begun = {};
    const auto live = sessions::lock_live_sessions(w, cookies, now);
    const Verdict verdict = judge(w, live, now);
    if (verdict != Verdict::ended && verdict != Verdict::ended_before) return verdict;
    auto over = sessions::expired_sessions(w, cookies, now);
    if (verdict == Verdict::ended) {
      for (const auto& session : live) sessions::end_session(w, session, row, now);
      over.insert(over.begin(), live.begin(), live.end());
    }
    if (over.empty()) return verdict;
    begun = sessions::begin_walk(w, tenant, prepared,
                                 {.sessions = over,
                                  .end = asked.end,
                                  .knows = asked.end.client_id,
                                  .protocol = std::string(interaction::kSamlProtocol),
                                  .row = row,
                                  .leads = http::is_top_level_navigation(call.request)},
                                 now);
    return verdict;
  });
  out.all_told = begun.all_told;
  if (begun.leads_on) out.walk = sessions::lead_on(prepared);
  return out;
}

http::Response finish(const Services& services, const http::Call& call, const Snapshot& tenant, const Asking& asked,
                      SignedOut signed_out) {
  auto response =
      signed_out.walk ? std::move(*signed_out.walk) : end_logout(services, call, tenant, asked.end, signed_out.all_told);
  if (signed_out.verdict == Verdict::ended) sessions::expire_session_cookies(response);
  return response;
}

void log_refusal(const Services& services, const http::Call& call, const model::Client* client, std::string why) {
  auto row = row_of(call, "flo", client);
  row.description = std::move(why);
  services.failures.push(call.tenant, std::move(row));
}

// SAML core §3.7.3.2: told by a status; nothing has ended.
base::Result<http::Response> refuse_subject(const Services& services, const http::Call& call, const Snapshot& tenant,
                                            const Asking& asked) {
  auto error = refused(
      "The logout request names no session of this browser: another person, another session, or none that the application was "
      "told of.");
  const auto now = services.clock.now();
  const auto key = services.keys.signing_key(tenant, now);
  if (asked.party.addon.logout_callback.empty() || !key.ok()) return error;
  log_refusal(services, call, asked.party.client.get(), std::move(error.description));
  return send_logout_response({.tenant = tenant, .key = **key, .now = now}, asked.party,
                              {.id = new_message_id(services.random),
                               .in_response_to = asked.end.request_id,
                               .status = {.code = std::string(saml_messages::status::kRequester),
                                          .sub_code = std::string(saml_messages::status::kUnknownPrincipal)},
                               .relay_state = asked.end.relay_state,
                               .by_post = asked.end.by_post});
}

base::Result<http::Response> take_request(const Services& services, http::Call& call, const Snapshot& tenant, const Party& party,
                                          const saml_messages::Arrived& arrived) {
  const auto now = services.clock.now();
  const auto& client_id = party.client->client_id;
  const auto request = TRY(read_request(tenant, call, party, arrived, now));
  const Asking asked{party,
                     {.redirect_to = {},
                      .client_id = client_id,
                      .request_id = request.header.id,
                      .relay_state = arrived.relay_state,
                      .by_post = !arrived.by_redirect}};
  bool others_took_part = false;
  auto signed_out = sign_out(services, call, tenant, asked, [&](const auto& w, const auto& live, base::Instant at) {
    // With the decision: a request that was lost before it may come again.
    if (!tenancy::claim_once(w, store::one_time_identifiers::kSamlMessage, client_id,
                             request.header.issuer + "\n" + request.header.id, at + saml_messages::kRememberIdFor, at))
      return Verdict::sent_before;
    switch (what_about(w, request, client_id, live, at)) {
      case About::every_session: return party.key ? Verdict::ended : Verdict::ask;
      // A cookie that somebody planted beside ours must not answer for ours, nor ours for it.
      case About::some: return Verdict::ask;
      case About::ended: others_took_part = took_part_beside(w, request, client_id); return Verdict::ended_before;
      case About::nobody: break;
    }
    return Verdict::nobody;
  });
  if (signed_out.verdict == Verdict::sent_before)
    return refused("This logout request was sent before. Go back to the application and sign out again.");
  if (signed_out.verdict == Verdict::nobody) return refuse_subject(services, call, tenant, asked);
  if (signed_out.verdict == Verdict::ask) return interaction::ask_to_sign_out(call, tenant, question_of(asked));
  // Whether those were told when the session ended is not known here.
  signed_out.all_told &= !others_took_part;
  return finish(services, call, tenant, asked, std::move(signed_out));
}

base::Result<http::Response> answer(const Services& services, http::Call& call, const Snapshot& tenant, const Party& party) {
  const auto arrived = TRY(read_message(call.request));
  if (arrived.kind == MessageKind::request) return take_request(services, call, tenant, party, arrived);
  // A frame or an image of another page must not lead a sign-out on: nobody would see where.
  if (!http::is_top_level_navigation(call.request))
    return refused("The answer came in a frame or as an image. It counts in the browser's window only.");
  return take_answer(services, call, tenant, party, arrived);
}

base::Result<http::Response> confirmed(const Services& services, http::Call& call, const Snapshot& tenant, const Party& party) {
  const auto form = TRY(http::Parameters::parse(call.request.body));
  const Asking asked{
      party,
      {.redirect_to = {},
       .client_id = party.client->client_id,
       .request_id = form.find("request_id").value_or(""),
       .relay_state = form.has("relay_state") ? std::optional(form.find("relay_state").value_or("")) : std::nullopt,
       .by_post = form.has("by_post")}};
  TRY(interaction::check_yes(call, tenant, question_of(asked), form));
  return finish(services, call, tenant, asked,
                sign_out(services, call, tenant, asked, [](const auto&, const auto&, base::Instant) { return Verdict::ended; }));
}

// With its refusals logged.
template <class Handler>
base::Result<http::Response> handle(const Services& services, http::Call& call, Handler handler) {
  return services.tenants.on_current(call.tenant, [&](const auto& tenant) -> base::Result<http::Response> {
    const auto client_id = call.path_parameter("client_id");
    auto party = party_of(*tenant, client_id);
    auto response =
        party.ok() ? handler(services, call, *tenant, *party) : base::Result<http::Response>(std::move(party).error());
    if (!response.ok()) log_refusal(services, call, tenant->client(client_id).get(), response.error().description);
    return response;
  });
}

}  // namespace

base::Result<http::Response> logout(const Services& services, http::Call& call) {
  if (http::is_speculative(call.request)) return http::empty_response(204);
  return handle(services, call, answer);
}

base::Result<http::Response> confirm_logout(const Services& services, http::Call& call) {
  return handle(services, call, confirmed);
}

}  // namespace segue::saml_idp
