// How a request ends: the answer, or the refusal, in the words of its protocol.
#include "oauth/authorize/answer.h"
#include "oauth/authorize/answer_address.h"
#include "oauth/authorize/authorize_endpoint.h"
#include "oauth/authorize/foreign_sign_in.h"
#include "oauth/authorize/invitation.h"
#include "oauth/authorize/respond.h"
#include "oauth/origin.h"
#include "sessions/session_cookie.h"
#include "sessions/session_index.h"
#include "store/authorize_transactions.h"

namespace segue::oauth {
namespace {

json::object error_details(const base::Error& error) { return {{"oauthError", error.code}, {"message", error.description}}; }

audit::Event refusal_row(const http::Call& call, const model::Client* client, const base::Error& error, std::string_view type) {
  auto row = event_of(call, type, client);
  row.description = error.detail.empty() ? error.description : error.detail;
  row.details["error"] = error_details(error);
  return row;
}

AuthorizeFailure told_to(const ValidatedRequest& v, base::Error error) {
  return {.error = std::move(error),
          .redirect = error_address(*v.client, v.redirect, v.request),
          .response_mode = v.request.response_mode,
          .state = v.request.state};
}

}  // namespace

http::Response AuthorizeEndpoint::end_with(const SuspendedRequest& s, base::Error error, const SignInEffects& effects) const {
  const auto now = services_.clock.now();
  auto row = event_of(s.call, s.validated.request.prompt_none ? "fsa" : "f", s.validated.client.get());
  const auto of_user = s.connection == nullptr ? s.tenant.connection(s.user.connection_id) : nullptr;
  set_user(row, s.user, s.connection == nullptr ? of_user.get() : s.connection);
  const auto& request = s.validated.request;
  row.organization_id = request.organization;
  row.audience = request.audience;
  row.scope = request.scope;
  row.description = error.description;
  row.details["requested_client_id"] = request.client_id;
  row.details["error"] = error_details(error);
  describe_protocol(row, request);
  describe(row, effects);
  if (!s.transfer_id.empty()) {
    row.details["triggered_by_session_transfer_token"] = true;
    row.transfer_id = s.transfer_id;
  }
  services_.tenants.store().write(s.call.tenant, [&](const store::Writer& w) {
    store::authorize_transactions::finish(w, s.transaction_id, now);
    audit::append(w, row, now);
    return true;
  });
  return tell(s.call, s.tenant, s.validated, std::move(error));
}

http::Response AuthorizeEndpoint::end_uninvited(const SuspendedRequest& s, const SignInEffects& effects) const {
  services_.failures.push(s.call.tenant,
                          failed_invitation(s.call, *s.validated.client, {.user_id = s.user.user_id, .email = s.user.email},
                                            s.validated.request.organization));
  return end_with(s, not_invited(), effects);
}

http::Response AuthorizeEndpoint::answer(const SignInContext& c, const OpenedSession& opened, const model::User& user) const {
  const auto& request = c.validated.request;
  const auto answered = [&] {
    if (auto* const protocol = protocol_of(request)) {
      return protocol->respond(
          foreign_sign_in(c.call, c.tenant, c.validated),
          {.user = user,
           .session = opened.session,
           .session_index = sessions::session_index_of(c.tenant.keys(), opened.session.session_id, request.client_id),
           .answer_overrides = opened.saml_response});
    }
    if (request.response_type == ResponseType{}) return http::redirect_response(c.validated.redirect.uri());
    return respond_to_application(c.validated.redirect, request.response_mode, request.state, c.tenant.issuer(c.call.domain),
                                  answer_parameters(services_.random, c, opened, user));
  };
  auto response = answered();
  if (opened.cookie) sessions::set_session_cookies(response, *opened.cookie, opened.session);
  return response;
}

http::Response AuthorizeEndpoint::refuse(const http::Call& call, const tenancy::Snapshot& tenant, const model::Client* client,
                                         AuthorizeFailure failure, std::string_view log_type) const {
  services_.failures.push(call.tenant, refusal_row(call, client, failure.error, log_type));
  return render_authorize_failure(call, tenant.issuer(call.domain), failure);
}

http::Response AuthorizeEndpoint::refuse(const http::Call& call, const tenancy::Snapshot& tenant,
                                         const ValidatedRequest& validated, base::Error error, std::string_view log_type) const {
  auto row = refusal_row(call, validated.client.get(), error, log_type);
  describe_protocol(row, validated.request);
  services_.failures.push(call.tenant, std::move(row));
  return tell(call, tenant, validated, std::move(error));
}

http::Response AuthorizeEndpoint::tell(const http::Call& call, const tenancy::Snapshot& tenant, const ValidatedRequest& validated,
                                       base::Error error) const {
  auto* const protocol = protocol_of(validated.request);
  if (protocol != nullptr && error_address(*validated.client, validated.redirect, validated.request))
    return protocol->refuse(foreign_sign_in(call, tenant, validated), error);
  return render_authorize_failure(call, tenant.issuer(call.domain), told_to(validated, std::move(error)));
}

}  // namespace segue::oauth
