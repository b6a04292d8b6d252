// The login page's side of a suspended authorization request: who it belongs to, and how it goes on (design §3).
#include "oauth/authorize/authorize_endpoint.h"
#include "oauth/authorize/continue_sign_in.h"
#include "oauth/authorize/foreign_sign_in.h"
#include "oauth/authorize/sign_up_offer.h"
#include "oauth/authorize/stored_request.h"
#include "oauth/errors.h"
#include "oauth/organization.h"
#include "oauth/origin.h"
#include "sessions/session_cookie.h"

namespace segue::oauth {
namespace {

constexpr std::string_view kLoginPage = "login";

}  // namespace

base::Result<interaction::PendingLogin> AuthorizeEndpoint::pending(const http::Call& call, std::string_view state) {
  const auto tenant = services_.tenants.snapshot(call.tenant);
  const auto now = services_.clock.now();
  const auto stored = TRY(open_stored(services_, *tenant, call, state, "", now));
  const auto validated = validated_again(*tenant, stored.request);
  if (!validated) return expired_request();
  const auto offer = sign_up_offer(services_, *tenant, *validated, now);
  interaction::PendingLogin out;
  out.transaction_id = stored.transaction.transaction_id;
  out.state = state;
  out.client = validated->client;
  out.connection = offer.connection;
  if (!out.connection) {
    return base::Error{
        .kind = base::ErrorKind::invalid_input,
        .code = "invalid_request",
        .description = stored.request.organization.empty()
                           ? "No connection is enabled for this application: enable one with PATCH "
                             "/api/v2/connections/{id}/clients."
                           : "No connection is enabled for this application and this organization: enable one with POST "
                             "/api/v2/organizations/{id}/enabled_connections.",
        .status = 400};
  }
  out.takes_sign_ups = offer.is_open;
  out.offers_sign_up = offer.is_shown();
  out.invited_email = offer.invited_email;
  out.login_hint = offer.invited_email.empty() ? stored.request.login_hint : offer.invited_email;
  out.csrf = page_signature(*tenant, stored.transaction, kLoginPage);
  out.redirect_origin = validated->redirect.origin();
  out.leads_elsewhere = !services_.pipeline.is_empty(*tenant);
  return out;
}

base::Result<http::Response> AuthorizeEndpoint::complete(const http::Call& call, const interaction::PendingLogin& pending,
                                                         const model::User& user) {
  return services_.tenants.on_current(
      call.tenant, [&](const std::shared_ptr<const tenancy::Snapshot>& tenant) -> base::Result<http::Response> {
        const auto now = services_.clock.now();
        const auto stored = TRY(open_stored(services_, *tenant, call, pending.state, "", now));
        const auto validated = validated_again(*tenant, stored.request);
        if (!validated) return expired_request();
        if (moves(call, *tenant)) return http::continue_on(http::Lane::outbound, user);
        const auto origin = origin_of(call, services_.geoip);
        const SuspendedRequest suspended{.call = call,
                                         .tenant = *tenant,
                                         .validated = *validated,
                                         .transaction_id = stored.transaction.transaction_id,
                                         .user = user,
                                         .connection = pending.connection.get()};
        const auto organization = check_organization(*tenant, *validated->client, stored.request.organization);
        if (!organization.ok()) return end_with(suspended, organization.error());
        const auto resource = grant_resource(*tenant, *validated->client, call.domain, stored.request.audience,
                                             stored.request.scope, AudienceError::authorize);
        if (!resource.ok()) return end_with(suspended, resource.error());
        const auto cookie = sessions::presented_session(tenant->keys(), call.request);
        const auto prepared = prepare_sign_in(*tenant, services_, std::nullopt);
        const SignInContext context{.call = call,
                                    .tenant = *tenant,
                                    .validated = *validated,
                                    .resource = *resource,
                                    .prepared = prepared,
                                    .origin = origin,
                                    .now = now,
                                    .protocol = protocol_of(stored.request)};
        SignInEvidence evidence{.how = SignInEvidence::How::password,
                                .user_id = user.user_id,
                                .password_epoch = user.password_epoch,
                                .at = now,
                                .connection_id = pending.connection->connection_id};
        if (!services_.pipeline.is_empty(*tenant)) {
          const SignInBasis basis{.password = true, .password_at = now, .connection_id = evidence.connection_id};
          const auto session = expected_session(context, basis, user);
          auto result = services_.pipeline.run({.call = call,
                                                .tenant = *tenant,
                                                .protocol = std::string(stored.request.protocol()),
                                                .client = validated->client,
                                                .user = &user,
                                                .session = &session,
                                                .request = &stored.request,
                                                .audience = resource->audience,
                                                .scope = stored.request.scope,
                                                .connection_id = evidence.connection_id,
                                                .organization_id = stored.request.organization,
                                                .methods = session.methods,
                                                .origin = origin,
                                                .by_password = true});
          if (result.refusal) return end_with(suspended, error_of(*result.refusal), result.effects);
          evidence.sid = session.sid;
          if (result.primary) go_on_as(evidence, *result.primary);
          if (result.redirect) return send_away(suspended, "", std::move(evidence), std::move(result));
          evidence.effects = std::move(result.effects);
        }
        const auto continued = services_.tenants.write_on(*tenant, [&](const store::Writer& w) {
          return continue_sign_in(w, {.context = context,
                                      .evidence = evidence,
                                      .cookie = cookie,
                                      .transaction_id = stored.transaction.transaction_id,
                                      .at = ""});
        });
        using Ending = ContinuedSignIn::Ending;
        switch (continued.ending) {
          case Ending::opened: return answer(context, *continued.opened, *continued.user);
          case Ending::waits: return to_step(continued.step->path, pending.state);
          case Ending::blocked: return end_with(suspended, user_blocked());
          case Ending::not_a_member: return end_with(suspended, not_in_organization(stored.request.organization));
          case Ending::not_invited: return end_uninvited(suspended);
          case Ending::another_person: return end_with(suspended, another_person());
          case Ending::over: return end_with(suspended, access_denied("The user could not be signed in."));
          case Ending::finished_before: break;
        }
        return expired_request();
      });
}

std::string AuthorizeEndpoint::initiate_login_uri(const http::Call& call, std::string_view state) {
  const auto tenant = services_.tenants.snapshot(call.tenant);
  const auto stored = find_stored(services_, *tenant, state);
  const auto client = stored ? tenant->client(stored->request.client_id) : nullptr;
  // contract §2.6: else where the tenant wants it.
  auto target = client && !client->initiate_login_uri.empty()
                    ? client->initiate_login_uri
                    : json::find_string(tenant->tenant().settings, "default_redirection_uri").value_or("");
  if (target.empty()) return {};
  // OIDC Core §4: third-party-initiated login names the issuer.
  http::Parameters parameters;
  parameters.add("iss", tenant->issuer(call.domain));
  if (const auto organization = stored ? tenant->organization(stored->request.organization) : nullptr) {
    parameters.add("organization", organization->organization_id);
    parameters.add("organization_name", organization->name);
  }
  return http::append_query(target, parameters);
}

}  // namespace segue::oauth
