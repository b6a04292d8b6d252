#include "base/text.h"
#include "oauth/actions/machine.h"
#include "oauth/errors.h"
#include "oauth/grants/grants.h"
#include "oauth/organization.h"
#include "oauth/origin.h"
#include "oauth/resource.h"
#include "oauth/sign_in_effects.h"
#include "oauth/token_request_origin.h"
#include "oauth/token_response.h"
#include "tokens/access_token.h"

namespace segue::oauth {
namespace {

struct MachineGrant {
  std::shared_ptr<const model::ResourceServer> resource_server;
  std::string scope;
  std::string organization_id;
  std::vector<std::string> allowed;  // scopes, by the client grant
};

// contract §9.8: the client grant says whether the token may be for an organization. Grants that name single organizations are
// not served, so only one that allows any does.
base::Result<std::string> organization_of(const TokenRequest& request, const model::ClientGrant& grant) {
  const auto organization_id = resolve_organization(*request.tenant, request.parameters.find("organization").value_or(""));
  if (organization_id.empty()) return organization_id;
  const bool allowed = json::find_string(grant.document, "organization_usage").value_or("deny") == "allow" &&
                       json::find_bool(grant.document, "allow_any_organization").value_or(false);
  if (!allowed) {
    return invalid_request(
        "parameter organization is not allowed for this client: its client grant needs organization_usage allow and "
        "allow_any_organization");
  }
  if (!request.tenant->organization(organization_id))
    return invalid_request("parameter organization names no organization: send its id (org_…)");
  return organization_id;
}

base::Result<MachineGrant> decide_machine_grant(const TokenRequest& request) {
  const auto& tenant = *request.tenant;
  const auto& client = *request.client;
  // RFC 6749 §4.4: confidential clients only.
  if (!request.client.is_confidential()) return unauthorized_client("A client without a secret cannot use client_credentials.");
  const auto audience = audience_or_default(tenant, request.parameters.find("audience").value_or(""));
  if (audience.empty()) return missing_parameter("audience");
  MachineGrant out;
  out.resource_server = tenant.resource_server(audience);
  if (!out.resource_server) return access_denied("Service not enabled within domain: " + audience);
  TRY(dpop::check_demand_of(out.resource_server.get(), client, request.jkt));
  const auto grant =
      out.resource_server->client_policy == "deny_all" ? std::nullopt : tenant.client_grant(client.client_id, audience, "client");
  if (!grant) {
    return access_denied("Client \"" + client.client_id + "\" is not authorized to access resource server \"" + audience +
                         "\". You need to create a \"client-grant\" associated to this API.");
  }
  out.organization_id = TRY(organization_of(request, *grant));
  out.allowed = grant->allow_all_scopes ? out.resource_server->scopes : grant->scope;
  const auto wanted = base::split(request.parameters.find("scope").value_or(""), ' ');
  std::vector<std::string> granted;
  for (const auto& scope : out.allowed) {
    if (wanted.empty() || base::contains(wanted, scope)) granted.push_back(scope);
  }
  out.scope = base::join(granted, " ");
  return out;
}

}  // namespace

base::Result<http::Response> exchange_client_credentials(const Services& services, const TokenRequest& request) {
  const auto grant = decide_machine_grant(request);
  auto event = event_of(request.call, grant.ok() ? "seccft" : "feccft", &*request.client);
  event.audience = base::shortened(request.parameters.find("audience").value_or(""), 600);
  event.scope = request.parameters.find("scope").value_or("");
  if (!grant.ok()) {
    event.description = grant.error().description;
    services.failures.push(request.call.tenant, std::move(event));
    return grant.error();
  }
  auto scope = grant->scope;
  json::object claims;
  if (auto* const triggers = services.pipeline.triggers();
      triggers != nullptr && triggers->has(*request.tenant, kCredentialsExchange)) {
    std::string execution_id;
    auto ran = run_credentials_exchange(*triggers,
                                        {.request = request,
                                         .resource_server = *grant->resource_server,
                                         .organization_id = grant->organization_id,
                                         .scope = base::split(scope, ' '),
                                         .allowed = grant->allowed,
                                         .origin = origin_of(request, services.geoip)},
                                        execution_id);
    if (!execution_id.empty()) describe(event, {.executions = {execution_id}});
    if (!ran.ok()) {
      event.type = "feccft";
      event.organization_id = grant->organization_id;
      event.description = ran.error().description;
      // The client has proved who it is, and its Action has decided: the row commits before the answer.
      services.tenants.store().write(request.call.tenant,
                                     [&](const store::Writer& w) { return audit::append(w, event, request.now), true; });
      return ran.error();
    }
    scope = base::join(ran->scope, " ");
    claims = std::move(ran->claims);
  }
  const auto minted = tokens::mint_access_token(*request.tenant, services.random, request.now,
                                                {.domain = request.call.domain,
                                                 .resource_server = grant->resource_server.get(),
                                                 .subject = request.client->client_id + "@clients",
                                                 .client_id = request.client->client_id,
                                                 .scope = scope,
                                                 .gty = "client-credentials",
                                                 .lifetime = grant->resource_server->token_lifetime,
                                                 .organization_id = grant->organization_id,
                                                 .jkt = request.jkt,
                                                 .custom_claims = std::move(claims),
                                                 // A machine may do what its grant says.
                                                 .permissions = base::split(scope, ' ')});
  event.description = "Client Credentials for Access Token";
  event.audience = grant->resource_server->identifier;
  event.scope = scope;
  event.organization_id = grant->organization_id;
  event.details["access_token_jti"] = minted.jti;
  services.tenants.write_on(*request.tenant, [&](const store::Writer& w) { return audit::append(w, event, request.now), 0; });
  return render(
      {.access_token = minted.token, .token_type = request.token_type(), .expires_in = minted.expires_in, .scope = scope});
}

}  // namespace segue::oauth
