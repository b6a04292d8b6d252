#include "base/text.h"
#include "oauth/consent.h"
#include "oauth/errors.h"
#include "oauth/grants/direct_tokens.h"
#include "oauth/grants/grants.h"
#include "oauth/organization.h"
#include "oauth/origin.h"
#include "oauth/resource.h"
#include "oauth/token_request.h"
#include "oauth/token_request_origin.h"
#include "store/users.h"

namespace segue::oauth {
namespace {

// `password` means the tenant's default directory, password-realm names a connection (contract §3.4).
base::Result<std::shared_ptr<const model::Connection>> directory_of(const TokenRequest& request) {
  const auto& tenant = *request.tenant;
  const bool by_realm = request.grant_type != "password";
  auto connection = by_realm ? tenant.connection_named(TRY(require(request.parameters, "realm"))) : tenant.default_directory();
  if (!connection || connection->strategy != "auth0") {
    return invalid_request(
        by_realm ? "The realm names no database connection of this tenant."
                 : "The tenant has no default directory: use the password-realm grant and name a connection in realm.");
  }
  if (!tenant.connection_serves(connection->connection_id, request.client->client_id)) {
    return invalid_request("The connection " + connection->name +
                           " is not enabled for this client. Enable it with PATCH /api/v2/connections/{id}/clients.");
  }
  return connection;
}

}  // namespace

base::Result<http::Response> exchange_password(const Services& services, const TokenRequest& request) {
  auto failure = event_of(request.call, "fepft", &*request.client);
  failure.audience = base::shortened(request.parameters.find("audience").value_or(""), 600);
  failure.scope = request.parameters.find("scope").value_or("");
  const auto refuse = [&](base::Error error) {
    failure.description = error.description;
    services.failures.push(request.call.tenant, failure);
    return error;
  };

  // 1. What is asked for, before a password is looked at.
  const auto connection = directory_of(request);
  if (!connection.ok()) return refuse(connection.error());
  // This grant knows no organizations (contract §2.1 is about /authorize).
  if (request.parameters.has("organization"))
    return refuse(invalid_request("parameter organization is not served by this grant: use /authorize"));
  if (auto checked = check_organization(*request.tenant, *request.client, ""); !checked.ok()) return refuse(checked.error());
  const auto username = TRY(require(request.parameters, "username"));
  const auto password = TRY(require(request.parameters, "password"));
  const auto audience = audience_or_default(*request.tenant, request.parameters.find("audience").value_or(""));
  auto scope = without_online_access(request.parameters.find("scope").value_or(""));
  if (scope.empty()) scope = all_scopes(*request.tenant, audience);
  const auto resource =
      grant_resource(*request.tenant, *request.client, request.call.domain, audience, scope, AudienceError::token);
  if (!resource.ok()) return refuse(resource.error());
  if (auto demanded = dpop::check_demand_of(resource->resource_server.get(), *request.client, request.jkt); !demanded.ok())
    return refuse(demanded.error());

  // 2. Who it is.
  const auto origin = origin_of(request, services.geoip);
  auto attempt_event = event_of(request.call, "", &*request.client);
  attempt_event.ip = failure.ip = origin.ip;
  // A request that came from the lane where passwords are checked has had its checked.
  const auto* const found = std::any_cast<model::User>(&request.found);
  auto authenticated = found != nullptr ? base::Result<model::User>(*found)
                                        : services.password_login.authenticate({.tenant = request.call.tenant,
                                                                                .connection = *connection,
                                                                                .identifier = username,
                                                                                .password = crypto::Secret(password),
                                                                                .address = origin.ip,
                                                                                .event = std::move(attempt_event)});
  if (!authenticated.ok()) {
    failure.user_name = base::shortened(username, 256);
    return refuse(authenticated.error());
  }
  auto user = *authenticated;
  // Actions wait for others, and this lane has few threads.
  const bool runs_pipeline = !services.pipeline.is_empty(*request.tenant);
  if (runs_pipeline && request.call.lane == http::Lane::hashing) return http::continue_on(http::Lane::outbound, user);

  // 3. The pipeline may refuse.
  SignInEffects effects;
  if (runs_pipeline) {
    auto result = services.pipeline.run({.call = request.call,
                                         .tenant = *request.tenant,
                                         .protocol = "oauth2-password",
                                         .client = request.client.shared(),
                                         .user = &user,
                                         .parameters = &request.parameters,
                                         .audience = resource->audience,
                                         .scope = scope,
                                         .connection_id = (*connection)->connection_id,
                                         .methods = {{"pwd", request.now}},
                                         .origin = origin,
                                         .by_password = true});
    if (result.refusal) {
      set_user(failure, user, connection->get());
      describe(failure, result.effects);
      auto error = error_of(*result.refusal);
      failure.description = error.description;
      // The user has proved who they are: the row commits before the answer.
      services.tenants.store().write(request.call.tenant,
                                     [&](const store::Writer& w) { return audit::append(w, failure, request.now), true; });
      return error;
    }
    effects = std::move(result.effects);
    if (result.primary) user = std::move(*result.primary);
  }
  // 4. Make what is granted, store it, and only then answer.
  const DirectSignIn sign_in{.user_id = user.user_id,
                             .connection_id = (*connection)->connection_id,
                             .organization_id = {},
                             .resource = with_scopes(*resource, effects),
                             .methods = {{"pwd", request.now}},
                             .gty = "password",
                             .origin = origin};
  const auto& granted = sign_in.resource;
  auto made = prepare_direct_tokens(services, request, sign_in, effects);
  auto event = event_of(request.call, "sepft", &*request.client);
  event.ip = origin.ip;
  set_user(event, user, connection->get());
  event.audience = granted.audience;
  event.details["access_token_jti"] = made.jti;
  describe(event, effects);

  enum class Stored { done, user_gone, blocked, consent_missing };
  const auto stored = services.tenants.write_on(*request.tenant, [&](const store::Writer& w) {
    auto changed = effects.changes_user() ? store::users::find_for_change(w, user.user_id) : std::nullopt;
    const auto standing = store::users::lock_standing(w, user.user_id);
    if (!standing) return Stored::user_gone;
    if (standing->blocked) return Stored::blocked;
    // A password that changed since it was checked proves nothing any more.
    if (standing->password_epoch != user.password_epoch) return Stored::user_gone;
    const auto may =
        permitted(w, {*request.tenant, *request.client, granted.resource_server.get(), user.user_id, ""}, granted.scope);
    if (lacks_consent(w, *request.client,
                      {*request.tenant, request.client->client_id, user.user_id, granted.audience, may.scope}))
      return Stored::consent_missing;
    if (changed) change_user(w, *changed, effects, request.now);
    store_direct_tokens(w, request, sign_in, made, standing->password_epoch, effects, event);
    return Stored::done;
  });
  if (stored == Stored::user_gone) return refuse(invalid_grant("Wrong email or password."));
  if (stored == Stored::blocked) return refuse(user_blocked());
  if (stored == Stored::consent_missing) return refuse(user_consent_missing());
  return answer_with_direct_tokens(services, request, sign_in, user, made, effects);
}

}  // namespace segue::oauth
