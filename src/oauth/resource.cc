#include "oauth/resource.h"

#include "base/text.h"
#include "oauth/errors.h"

namespace segue::oauth {
namespace {

constexpr std::string_view kOidcScopes[] = {"openid", "profile", "email", "address", "phone", "offline_access"};

bool is_oidc_scope(std::string_view scope) {
  for (const auto known : kOidcScopes) {
    if (known == scope) return true;
  }
  return false;
}

base::Error unknown_audience(const std::string& audience, AudienceError wording) {
  return access_denied((wording == AudienceError::authorize ? "Service not found: " : "Service not enabled within domain: ") +
                       audience);
}

// The API's scopes that a user may get through this client. A user's token never carries a scope of the Management API: those
// belong to machine clients with a client grant.
base::Result<std::vector<std::string>> api_scopes(const tenancy::Snapshot& tenant, const model::Client& client,
                                                  const model::ResourceServer& api) {
  if (api.is_system) return std::vector<std::string>{};
  if (api.user_policy == "allow_all") return api.scopes;
  const auto user_grant =
      api.user_policy == "require_client_grant" ? tenant.client_grant(client.client_id, api.identifier, "user") : std::nullopt;
  if (!user_grant) {
    return invalid_request("Client \"" + client.client_id + "\" is not authorized to access resource server \"" + api.identifier +
                           "\".");
  }
  return user_grant->allow_all_scopes ? api.scopes : user_grant->scope;
}

}  // namespace

std::string audience_or_default(const tenancy::Snapshot& tenant, const std::string& audience) {
  return audience.empty() ? json::find_string(tenant.tenant().settings, "default_audience").value_or("") : audience;
}

std::string all_scopes(const tenancy::Snapshot& tenant, const std::string& audience) {
  const auto api = tenant.resource_server(audience);
  return api && !api->is_system ? base::join(api->scopes, " ") : std::string();
}

base::Result<GrantedResource> grant_resource(const tenancy::Snapshot& tenant, const model::Client& client,
                                             std::string_view domain, const std::string& audience, const std::string& scope,
                                             AudienceError wording) {
  GrantedResource out;
  std::vector<std::string> allowed;
  if (!audience.empty() && audience != tenant.issuer(domain) + "userinfo") {
    out.resource_server = tenant.resource_server(audience);
    if (!out.resource_server) return unknown_audience(audience, wording);
    out.audience = out.resource_server->identifier;
    allowed = TRY(api_scopes(tenant, client, *out.resource_server));
  }
  // contract §4.1: a missing condition means no refresh token, not an error.
  const bool may_stay = client.allows_grant("refresh_token") &&
                        (!out.resource_server || out.resource_server->allow_offline_access) &&
                        (!client.is_browser_client() || client.refresh_token.rotating);
  std::vector<std::string> granted;
  for (const auto& item : base::split(scope, ' ')) {
    if (base::contains(granted, item)) continue;
    if (item == "offline_access") {
      if (!may_stay) continue;
      out.offline_access = true;
    } else if (!is_oidc_scope(item) && !base::contains(allowed, item)) {
      continue;
    }
    granted.push_back(item);
  }
  out.scope = base::join(granted, " ");
  return out;
}

}  // namespace segue::oauth
