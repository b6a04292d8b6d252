#include "oauth/permissions.h"

#include "base/text.h"
#include "store/permissions.h"
#include "tenancy/user_scopes.h"

namespace segue::oauth {
namespace {

bool is_of_api(const std::string& scope) { return !is_oidc_scope(scope) && scope != "online_access"; }

// A token says no permission that its client could not get as a scope: not beyond its client grant, and for a third party not
// beyond what the user allowed it.
std::vector<std::string> said(const store::Reader& r, const PermissionQuestion& q, std::vector<std::string> held,
                              const std::vector<std::string>& granted) {
  if (!q.api->says_permissions) return {};
  const auto open = tenancy::user_scopes(q.tenant, q.client, *q.api, &r).value_or(std::vector<std::string>());
  std::erase_if(held, [&](const std::string& each) {
    return !base::contains(open, each) || (!q.client.is_first_party && !base::contains(granted, each));
  });
  return held;
}

}  // namespace

Permitted permitted(const store::Reader& r, const PermissionQuestion& q, const std::string& scope) {
  if (q.api == nullptr || !q.api->enforce_policies) return {scope, {}};
  auto held = store::permissions::effective(r, q.user_id, q.organization_id, q.api->identifier);
  auto granted = base::split(scope, ' ');
  std::erase_if(granted, [&](const std::string& each) { return is_of_api(each) && !base::contains(held, each); });
  return {base::join(granted, " "), said(r, q, std::move(held), granted)};
}

GrantedResource permitted(const store::Reader& r, const tenancy::Snapshot& tenant, const model::Client& client,
                          GrantedResource resource, std::string_view user_id, std::string_view organization_id) {
  auto left = permitted(r, {tenant, client, resource.resource_server.get(), user_id, organization_id}, resource.scope);
  resource.scope = std::move(left.scope);
  resource.permissions = std::move(left.permissions);
  return resource;
}

}  // namespace segue::oauth
