#include "oauth/token_exchange/exchange_target.h"

#include "oauth/errors.h"
#include "oauth/grants/session_transfer_audience.h"
#include "oauth/organization.h"
#include "oauth/sign_in_effects.h"

namespace segue::oauth {

base::Outcome check_exchange_client(const model::Client& client) {
  // The Action names the user, and nobody asks the person: that is for applications of one's own.
  if (!client.is_first_party) return unauthorized_client("Token exchange is not available to third-party clients.");
  if (client.allows_custom_token_exchange) return base::Unit{};
  return unauthorized_client(
      "Custom token exchange is not allowed for the client: set its token_exchange.allow_any_profile_of_type to "
      "custom_authentication.");
}

GrantedResource without_refresh_token(GrantedResource resource) {
  SignInEffects effects;
  effects.removed_scopes = {"offline_access"};
  return with_scopes(std::move(resource), effects);
}

base::Result<ExchangeTarget> decide_exchange_target(const TokenRequest& request, const ExchangeRequest& exchange) {
  const auto& tenant = *request.tenant;
  ExchangeTarget out;
  out.action = tenant.exchange_action(exchange.subject_token_type);
  if (!out.action) {
    return invalid_request(
        "The subject_token_type is none of this tenant's token exchange profiles. Only custom token exchange is served here.");
  }
  // contract §1.14
  if (transfer_audience(tenant, exchange.audience) != TransferAudience::absent) {
    return invalid_request(
        "A token exchange issues no session transfer token, for there are no delegated sessions here: exchange a refresh token "
        "of the user for it.");
  }
  out.organization_id = resolve_organization(tenant, request.parameters.find("organization").value_or(""));
  if (!out.organization_id.empty()) TRY(check_organization(tenant, *request.client, out.organization_id));
  out.resource = TRY(grant_resource(tenant, *request.client, request.call.domain, audience_or_default(tenant, exchange.audience),
                                    without_online_access(exchange.scope), AudienceError::token));
  TRY(dpop::check_demand_of(out.resource.resource_server.get(), *request.client, request.jkt));
  if (!exchange.actor_token.empty()) out.resource = without_refresh_token(std::move(out.resource));
  return out;
}

}  // namespace segue::oauth
