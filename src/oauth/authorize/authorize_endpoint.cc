#include "oauth/authorize/authorize_endpoint.h"

#include "base/text.h"
#include "http/cookies.h"
#include "oauth/authorize/decide.h"
#include "oauth/authorize/foreign_sign_in.h"
#include "oauth/authorize/sign_up_offer.h"
#include "oauth/authorize/spend_transfer.h"
#include "oauth/errors.h"
#include "oauth/organization.h"
#include "oauth/origin.h"
#include "sessions/session_cookie.h"

namespace segue::oauth {
namespace {

// A token that has been looked at is of no use any more. Apps plant the cookie host-only or with a leading-dot domain (contract
// §1.7), and a cookie is replaced only under its own domain.
http::Response without_transfer_cookie(http::Response response, const AuthorizeAttempt& a) {
  for (const auto name : a.presentation.cookies_seen) {
    http::expire_cookie(response, name, http::SameSite::none);
    const auto host = a.call.request.host.substr(0, a.call.request.host.find(':'));
    if (host.find('.') != std::string::npos) http::expire_cookie(response, name, http::SameSite::none, host);
  }
  return response;
}

// A failure that no application is told.
AuthorizeFailure to_page(base::Error error) {
  return {.error = std::move(error), .redirect = std::nullopt, .response_mode = ResponseMode::query, .state = {}};
}

base::Error pushing_required() {
  return invalid_request("This client must push its authorization requests: send them to /oauth/par and bring the request_uri.");
}

// What the client accepts, and what came.
json::array compared_transports(const model::Client& client, const IgnoredTransfer& ignored) {
  if (ignored.reason == TransferReason::wrong_cookie_name) return {kTransferCookie, kOtherTransferCookie};
  if (ignored.reason == TransferReason::unsolicited) return {"a sign-in that was asked for", "one that nobody asked for"};
  json::array accepted;
  if (client.session_transfer)
    for (const auto& method : client.session_transfer->allowed_authentication_methods) accepted.push_back(json::value(method));
  return {std::move(accepted), ignored.transport};
}

SuspendedRequest suspended_of(const AuthorizeAttempt& attempt, const Decision& decision) {
  const auto* const token = decision.token();
  return {.call = attempt.call,
          .tenant = *attempt.tenant,
          .validated = attempt.validated,
          .transaction_id = attempt.transaction.id,
          .user = *decision.user,
          .transfer_id = token != nullptr ? token->transfer_id : std::string()};
}

}  // namespace

base::Result<http::Response> AuthorizeEndpoint::respond(http::Call& call) {
  // A prefetch or a HEAD asks what would happen; nothing may (design §4).
  if (is_speculative(call.request)) return http::empty_response(204);
  return services_.tenants.on_current(call.tenant, [&](const auto& tenant) { return respond_on(call, tenant); });
}

base::Result<http::Response> AuthorizeEndpoint::respond_on(http::Call& call,
                                                           const std::shared_ptr<const tenancy::Snapshot>& tenant) {
  if (moves(call, *tenant)) return http::continue_on(http::Lane::outbound);
  // 1. The request is validated whole before anything is spent for it.
  const auto presented = read_presented_request(services_, *tenant, call);
  if (!presented.ok())
    return refuse(call, *tenant, tenant->client(claimed_client_id(call.request)).get(), to_page(presented.error()), "f");
  auto validation = validate_authorization_request(*tenant, presented->parameters);
  if (validation.failure) {
    const auto known = tenant->client(presented->parameters.find("client_id").value_or(""));
    return refuse(call, *tenant, known.get(), std::move(*validation.failure), "f");
  }
  auto& validated = *validation.valid;
  if (validated.client->requires_pushed_authorization_requests && !presented->pushed)
    return refuse(call, *tenant, validated, pushing_required(), "f");
  return begin(call, tenant, std::move(validated), *presented);
}

bool AuthorizeEndpoint::moves(const http::Call& call, const tenancy::Snapshot& tenant) const {
  return call.lane != http::Lane::outbound && !services_.pipeline.is_empty(tenant);
}

http::Response AuthorizeEndpoint::begin(const http::Call& call, const std::shared_ptr<const tenancy::Snapshot>& tenant,
                                        ValidatedRequest validated, const PresentedRequest& presented) {
  const auto& request = validated.request;
  const auto fail = [&](base::Error error, std::string_view log_type) {
    return refuse(call, *tenant, validated, std::move(error), request.prompt_none ? "fsa" : log_type);
  };
  const auto resource =
      grant_resource(*tenant, *validated.client, call.domain, request.audience, request.scope, AudienceError::authorize);
  if (!resource.ok()) return fail(resource.error(), "f");

  // A token is judged by the organization too, and its refusal leads to the login page (contract §1.17); but nothing is spent for
  // a request that lacks what its client requires.
  const auto organization = check_organization(*tenant, *validated.client, request.organization);
  if (!organization.ok() && request.organization.empty()) return fail(organization.error(), "f");

  // 2. What the browser brings.
  auto attempt = gather_attempt(services_, call, tenant, validated, *resource, presented);
  attempt.protocol = protocol_of(request);
  log_ignored_transfer(attempt);
  if (!attempt.carries_transfer()) {
    if (!organization.ok()) return fail(organization.error(), "f");
    // Without a session or a token silent authentication ends here, and costs no transaction.
    if (!attempt.cookie && request.prompt_none && !attempt.pushed) return fail(login_required(), "fsa");
  }

  // 3. Decide, in the transaction that spends the token.
  const bool pipeline_is_empty = services_.pipeline.is_empty(*tenant);
  const auto decision =
      services_.tenants.write_on(*tenant, [&](const store::Writer& w) { return decide(w, attempt, pipeline_is_empty); });
  if (decision.transfer && !decision.transfer->token) {
    auto row = transfer_warning(call, attempt.client(), decision.transfer->reason);
    describe_protocol(row, request);
    services_.failures.push(call.tenant, std::move(row));
  }

  // 4. Tell the browser. Who lost the race for a request_uri keeps what it brought.
  if (decision.next == Decision::Next::used_before)
    return refuse(call, *tenant, validated.client.get(), to_page(unusable_request_uri()), "f");
  const auto response = [&] {
    switch (decision.next) {
      case Decision::Next::issue: return answer(attempt.context(), *decision.opened, *decision.user);
      case Decision::Next::run_pipeline: return run_pipeline(attempt, decision);
      case Decision::Next::refuse: {
        auto error = decision.step != nullptr  ? decision.step->silent()
                     : decision.another_person ? another_person()
                                               : login_required();
        // What was decided about somebody's account is committed before it is told (design §4).
        return decision.user ? end_with(suspended_of(attempt, decision), std::move(error)) : fail(std::move(error), "fsa");
      }
      case Decision::Next::wait: {
        auto waiting = to_step(decision.step->path, attempt.transaction.text.reveal());
        set_browser_binding(waiting, attempt.binding);
        return waiting;
      }
      case Decision::Next::used_before:
      case Decision::Next::prompt: break;
    }
    auto to_login = to_step(first_page(services_, *tenant, attempt.validated, attempt.now), attempt.transaction.text.reveal());
    set_browser_binding(to_login, attempt.binding);
    return to_login;
  };
  auto told = without_transfer_cookie(response(), attempt);
  if (decision.session_ended) sessions::expire_session_cookies(told);
  return told;
}

http::Response AuthorizeEndpoint::run_pipeline(const AuthorizeAttempt& attempt, const Decision& decision) {
  const auto& call = attempt.call;
  const auto* token = decision.token();
  const auto suspended = suspended_of(attempt, decision);
  const auto& session = *decision.expected;
  auto result =
      services_.pipeline.run({.call = call,
                              .tenant = *attempt.tenant,
                              .protocol = std::string(attempt.request().protocol()),
                              .client = attempt.validated.client,
                              .user = &*decision.user,
                              .session_transfer_token = decision.evidence.how == SignInEvidence::How::transfer ? token : nullptr,
                              .session = &session,
                              .request = &attempt.request(),
                              .audience = attempt.resource.audience,
                              .scope = attempt.request().scope,
                              .connection_id = session.connection_id,
                              .organization_id = session.organization_id,
                              .methods = session.methods,
                              .origin = attempt.origin,
                              .silent = attempt.request().prompt_none});
  if (result.refusal) return end_with(suspended, error_of(*result.refusal), result.effects);
  auto evidence = decision.evidence;
  evidence.sid = session.sid;
  if (result.redirect) {
    auto away = send_away(suspended, "", std::move(evidence), std::move(result));
    set_browser_binding(away, attempt.binding);
    return away;
  }
  evidence.effects = std::move(result.effects);
  // The token is spent, so nothing begins again; but what ended or was restricted meanwhile counts here too (design §5).
  const auto continued = services_.tenants.decide(call.tenant, [&](const tenancy::Snapshot& current, const store::Writer& w) {
    return continue_after_pipeline(w, current, attempt, evidence);
  });
  switch (continued.ending) {
    case ContinuedSignIn::Ending::opened: return answer(attempt.context(), *continued.opened, *continued.user);
    case ContinuedSignIn::Ending::waits: {
      if (attempt.request().prompt_none) return end_with(suspended, continued.step->silent());
      auto waiting = to_step(continued.step->path, attempt.transaction.text.reveal());
      set_browser_binding(waiting, attempt.binding);
      return waiting;
    }
    default: return end_with(suspended, login_required());
  }
}

http::Response AuthorizeEndpoint::to_step(std::string_view path, std::string_view state) {
  return http::redirect_response(std::string(path) + "?state=" + base::percent_encode(state));
}

void AuthorizeEndpoint::log_ignored_transfer(const AuthorizeAttempt& attempt) const {
  const auto& ignored = attempt.presentation.ignored;
  if (!ignored) return;
  auto row = event_of(attempt.call, "w", &attempt.client());
  row.description = warning_of(*ignored);
  row.transfer_id = services_.tenants.store().read(
      attempt.call.tenant, [&](const store::Reader& r) { return transfer_id_of(r, attempt.tenant->keys(), ignored->tokens); });
  row.details["reason"] = to_text(ignored->reason);
  row.details["transfer_checks"] = json::object{{"transport", compared_transports(attempt.client(), *ignored)}};
  describe_protocol(row, attempt.request());
  services_.failures.push(attempt.call.tenant, std::move(row));
}

}  // namespace segue::oauth
