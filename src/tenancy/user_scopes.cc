#include "tenancy/user_scopes.h"

#include <algorithm>

#include "base/text.h"

namespace segue::tenancy {

std::optional<std::vector<std::string>> user_scopes(const Snapshot& tenant, const model::Client& client,
                                                    const model::ResourceServer& api, const store::Reader* r) {
  if (api.is_system) return std::vector<std::string>{};
  if (api.user_policy == "allow_all") return api.scopes;
  if (api.user_policy != "require_client_grant") return std::nullopt;
  const auto grant = tenant.client_grant(client.client_id, api.identifier, "user", r);
  if (!grant) return std::nullopt;
  return grant->allow_all_scopes ? api.scopes : grant->scope;
}

std::optional<PolicyGrant> policy_grant(const Snapshot& tenant, const model::Client& client, std::string_view audience,
                                        const store::Reader& r) {
  // None of a third party is stored; but a client may have become one by other means than the Management API.
  if (!client.is_first_party || audience.empty()) return std::nullopt;
  const auto& policies = client.refresh_token.policies;
  const auto policy = std::find_if(policies.begin(), policies.end(), [&](const auto& each) { return each.audience == audience; });
  if (policy == policies.end()) return std::nullopt;
  auto api = tenant.resource_server(audience, &r);
  if (!api || api->is_system) return std::nullopt;
  const auto open = user_scopes(tenant, client, *api, &r);
  if (!open) return std::nullopt;
  PolicyGrant out{std::move(api), {}};
  for (const auto& scope : policy->scopes) {
    if (base::contains(*open, scope) && base::contains(out.api->scopes, scope)) out.scopes.push_back(scope);
  }
  return out;
}

}  // namespace segue::tenancy
