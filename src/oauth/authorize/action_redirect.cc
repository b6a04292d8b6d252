// Out to another site that an Action names, and back through /continue. While the person is away the stored request keeps how
// they are known, what the Actions wanted so far and where they go on; it is claimed once, and everything that may have ended
// meanwhile is asked again before the next Action runs and when the session opens (design §3).
#include "oauth/authorize/action_redirect.h"

#include "base/text.h"
#include "http/form_origin.h"
#include "interaction/pages.h"
#include "oauth/authorize/authorize_endpoint.h"
#include "oauth/authorize/browser_binding.h"
#include "oauth/authorize/foreign_sign_in.h"
#include "oauth/authorize/known_request.h"
#include "oauth/authorize/transfer_presentation.h"
#include "oauth/errors.h"
#include "oauth/organization.h"
#include "oauth/origin.h"
#include "sessions/session_cookie.h"
#include "store/authorize_transactions.h"

namespace segue::oauth {
namespace {

namespace transactions = store::authorize_transactions;
using Ending = ContinuedSignIn::Ending;

// What the stored request waits under: for the person, then for the Actions that go on.
constexpr std::string_view kAway = "redirect", kBack = "continue";

bool is_form(const http::Request& request) {
  const auto type = request.headers.find("content-type").value_or("");
  return base::iequals(base::trim(type.substr(0, type.find(';'))), "application/x-www-form-urlencoded");
}

base::Result<http::Parameters> unique_parameters(std::string_view text) {
  auto parameters = TRY(http::Parameters::parse(text));
  if (const auto twice = parameters.first_duplicate()) return invalid_request("A parameter stands more than once: " + *twice);
  return parameters;
}

// One text and one code, whatever was wrong with the state (contract §2.6).
base::Error cannot_continue(base::Error error) {
  error.code = "invalid_request";
  return error;
}

// The page that posted here is another site's, so the cookie that names the browser stayed at home.
bool comes_without_cookies(const http::Call& call) {
  return call.request.method == http::Method::post && !presented_binding(call.request) && http::is_foreign_form(call);
}

base::Error why_over(Ending ending, const AuthorizationRequest& request) {
  switch (ending) {
    case Ending::blocked: return user_blocked();
    case Ending::not_a_member: return not_in_organization(request.organization);
    case Ending::another_person: return another_person();
    default: return login_required();
  }
}

// A request that is back, and nobody else's to go on with.
struct Claimed {
  Ending ending = Ending::over;  // opened: it goes on
  std::optional<model::User> user;
  std::optional<model::Session> session;  // that goes on, or that begins if this sign-in passes
  std::optional<model::SessionTransferToken> token;
};

// Everything is asked again before an Action runs for it: nothing runs for a handoff that was revoked while the person was away.
Claimed claim(const store::Writer& w, const InterruptedSignIn& i, const model::Digest& secret_hash) {
  Claimed out;
  StandingSignIn standing;
  out.ending = recheck(w, i, standing);
  if (out.ending != Ending::opened) return out;
  out.session = expected_session(i.context, standing.basis, *standing.user);
  out.user = std::move(standing.user);
  out.token = std::move(standing.token);
  if (!transactions::claim(w, i.transaction_id, secret_hash, kAway, kBack, i.context.now)) out.ending = Ending::finished_before;
  return out;
}

}  // namespace

base::Result<ContinueRequest> read_continue_request(const http::Request& request) {
  ContinueRequest out;
  out.query = TRY(unique_parameters(request.query));
  if (request.method == http::Method::post && !request.body.empty()) {
    if (!is_form(request)) return invalid_request("The body must be application/x-www-form-urlencoded.");
    out.body = TRY(unique_parameters(request.body));
  }
  const auto in_query = out.query.find("state"), in_body = out.body.find("state");
  if (in_query && in_body && *in_query != *in_body) return invalid_request("The query and the body name different states.");
  if (!in_query && !in_body) return missing_parameter("state");
  out.state = in_query ? *in_query : *in_body;
  return out;
}

http::Response AuthorizeEndpoint::send_away(const SuspendedRequest& s, std::string_view at, SignInEvidence evidence,
                                            SignInResult result) const {
  // A handle of its own for each site: the one before it, which other pages and sites have seen, opens nothing any more.
  const auto handle =
      tenancy::make_handle(s.tenant.keys(), services_.random, model::HandleKind::authorize_transaction, s.transaction_id);
  evidence.effects = std::move(result.effects);
  evidence.suspended = std::move(result.redirect->suspended);
  const auto text = to_text(evidence);
  const auto now = services_.clock.now();
  const bool waits = services_.tenants.store().write(s.call.tenant, [&](const store::Writer& w) {
    return transactions::await_elsewhere(w, s.transaction_id, {at, kAway, text}, handle.secret_hash, now);
  });
  if (!waits) {
    return refuse(s.call, s.tenant, s.validated.client.get(), {.error = cannot_continue(expired_request())}, "f");
  }
  http::Parameters state;
  state.add("state", std::string(handle.text.reveal()));
  return http::redirect_response(http::append_query(result.redirect->url, state));
}

base::Result<http::Response> AuthorizeEndpoint::resume(const http::Call& call) {
  if (is_speculative(call.request)) return http::empty_response(204);
  const auto request = read_continue_request(call.request);
  return services_.tenants.on_current(
      call.tenant, [&](const std::shared_ptr<const tenancy::Snapshot>& tenant) -> base::Result<http::Response> {
        if (!request.ok()) return refuse(call, *tenant, nullptr, {.error = cannot_continue(request.error())}, "f");
        if (comes_without_cookies(call)) return post_again(call, *tenant, *request);
        const auto known = open_known(services_, *tenant, call, request->state, kAway, services_.clock.now());
        if (!known.ok()) return refuse(call, *tenant, nullptr, {.error = cannot_continue(known.error())}, "f");
        if (moves(call, *tenant)) return http::continue_on(http::Lane::outbound);
        return resume_known(call, *tenant, *request, *known);
      });
}

http::Response AuthorizeEndpoint::post_again(const http::Call& call, const tenancy::Snapshot& tenant,
                                             const ContinueRequest& request) const {
  const auto stored = find_stored(services_, tenant, request.state);
  const auto validated = stored ? validated_again(tenant, stored->request) : std::nullopt;
  if (!validated) return refuse(call, tenant, nullptr, {.error = cannot_continue(expired_request())}, "f");
  const auto query = request.query.encode();
  return interaction::pages::repost_page(query.empty() ? "/continue" : "/continue?" + query, request.body,
                                         validated->redirect.origin());
}

http::Response AuthorizeEndpoint::resume_known(const http::Call& call, const tenancy::Snapshot& tenant,
                                               const ContinueRequest& request, const KnownRequest& known) {
  const auto& asked = known.stored.request;
  const auto transaction_id = known.stored.transaction.transaction_id;
  const SuspendedRequest suspended{.call = call,
                                   .tenant = tenant,
                                   .validated = known.validated,
                                   .transaction_id = transaction_id,
                                   .user = known.user,
                                   .transfer_id = known.transfer_id};
  if (!known.granted.ok()) return end_with(suspended, known.granted.error(), known.evidence.effects);
  const auto cookie = sessions::presented_session(tenant.keys(), call.request);
  const auto prepared = prepare_sign_in(tenant, services_, cookie, known.evidence.sid);
  const auto origin = origin_of(call, services_.geoip);
  const auto context_on = [&](const tenancy::Snapshot& current, const ValidatedRequest& validated) -> SignInContext {
    return {.call = call,
            .tenant = current,
            .validated = validated,
            .resource = *known.granted,
            .prepared = prepared,
            .origin = origin,
            .now = services_.clock.now(),
            .protocol = protocol_of(asked)};
  };

  const auto context = context_on(tenant, known.validated);
  const auto claimed = services_.tenants.write_on(tenant, [&](const store::Writer& w) {
    return claim(
        w, {.context = context, .evidence = known.evidence, .cookie = cookie, .transaction_id = transaction_id, .at = kAway},
        known.stored.secret_hash);
  });
  if (claimed.ending == Ending::finished_before)
    return refuse(call, tenant, known.validated.client.get(), {.error = cannot_continue(expired_request())}, "f");
  if (claimed.ending == Ending::not_invited) return end_uninvited(suspended, known.evidence.effects);
  if (claimed.ending != Ending::opened) return end_with(suspended, why_over(claimed.ending, asked), known.evidence.effects);

  auto evidence = known.evidence;
  if (!services_.pipeline.is_empty(tenant)) {
    const SignInReturn back{
        .suspended = known.evidence.suspended, .effects = known.evidence.effects, .query = request.query, .body = request.body};
    auto result = services_.pipeline.run({.call = call,
                                          .tenant = tenant,
                                          .protocol = std::string(asked.protocol()),
                                          .client = known.validated.client,
                                          .user = &*claimed.user,
                                          .session_transfer_token = claimed.token ? &*claimed.token : nullptr,
                                          .session = &*claimed.session,
                                          .request = &asked,
                                          .audience = known.granted->audience,
                                          .scope = asked.scope,
                                          .connection_id = claimed.session->connection_id,
                                          .organization_id = claimed.session->organization_id,
                                          .methods = claimed.session->methods,
                                          .origin = origin,
                                          .back = &back,
                                          .by_password = evidence.how == SignInEvidence::How::password});
    if (result.refusal) return end_with(suspended, error_of(*result.refusal), result.effects);
    if (result.primary) go_on_as(evidence, *result.primary);
    if (result.redirect) return send_away(suspended, kBack, std::move(evidence), std::move(result));
    evidence.effects = std::move(result.effects);
  }
  evidence.suspended.clear();
  // The state is used up, so nothing begins again; but what ended or was restricted meanwhile counts here too (design §5).
  const auto continued = services_.tenants.decide(call.tenant, [&](const tenancy::Snapshot& current, const store::Writer& w) {
    const auto rechecked = validated_again(current, asked, &w);
    if (!rechecked) return ContinuedSignIn{};
    return continue_sign_in(w, {.context = context_on(current, *rechecked),
                                .evidence = evidence,
                                .cookie = cookie,
                                .transaction_id = transaction_id,
                                .at = kBack});
  });
  switch (continued.ending) {
    case Ending::opened: return answer(context, *continued.opened, *continued.user);
    case Ending::waits: return to_step(continued.step->path, request.state);
    case Ending::not_invited: return end_uninvited(suspended, evidence.effects);
    default: return end_with(suspended, why_over(continued.ending, asked), evidence.effects);
  }
}

}  // namespace segue::oauth
