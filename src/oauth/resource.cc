#include "oauth/resource.h"

#include "base/text.h"
#include "oauth/errors.h"
#include "tenancy/user_scopes.h"

namespace segue::oauth {
namespace {

constexpr std::string_view kOidcScopes[] = {"openid", "profile", "email", "address", "phone", "offline_access"};

base::Error unknown_audience(const std::string& audience, AudienceError wording) {
  return access_denied((wording == AudienceError::authorize ? "Service not found: " : "Service not enabled within domain: ") +
                       audience);
}

base::Error closed_to_users(const model::Client& client, const model::ResourceServer& api) {
  return invalid_request("Client \"" + client.client_id + "\" is not authorized to access resource server \"" + api.identifier +
                         "\".");
}

}  // namespace

std::string without_online_access(const std::string& scope) {
  if (scope.find("online_access") == std::string::npos) return scope;
  auto scopes = base::split(scope, ' ');
  std::erase(scopes, "online_access");
  return base::join(scopes, " ");
}

bool is_oidc_scope(std::string_view scope) {
  for (const auto known : kOidcScopes) {
    if (known == scope) return true;
  }
  return false;
}

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
    auto open = tenancy::user_scopes(tenant, client, *out.resource_server);
    if (!open) return closed_to_users(client, *out.resource_server);
    allowed = std::move(*open);
  }
  // contract §4.1: a missing condition means no refresh token, not an error.
  const bool may_stay = client.allows_grant("refresh_token") &&
                        (!out.resource_server || out.resource_server->allow_offline_access) &&
                        (!client.is_browser_client() || client.refresh_token.rotating);
  // contract §4.7: such a token never rotates, and a public client's is bound to a key.
  const bool may_stay_online =
      client.allows_grant("refresh_token") && (!out.resource_server || out.resource_server->allow_online_access);
  std::vector<std::string> granted;
  for (const auto& item : base::split(scope, ' ')) {
    if (base::contains(granted, item)) continue;
    if (item == "offline_access") {
      if (!may_stay) continue;
      out.offline_access = true;
    } else if (item == "online_access") {
      if (!may_stay_online) continue;
    } else if (!is_oidc_scope(item) && !base::contains(allowed, item)) {
      continue;
    }
    granted.push_back(item);
  }
  out.scope = base::join(granted, " ");
  return out;
}

}  // namespace segue::oauth
