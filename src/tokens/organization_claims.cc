#include "tokens/organization_claims.h"

namespace segue::tokens {

void add_organization(json::object& claims, const tenancy::Snapshot& tenant, const std::string& organization_id) {
  if (organization_id.empty()) return;
  claims["org_id"] = organization_id;
  if (!json::find_bool(tenant.tenant().settings, "allow_organization_name_in_authentication_api").value_or(false)) return;
  if (const auto organization = tenant.organization(organization_id)) claims["org_name"] = organization->name;
}

}  // namespace segue::tokens
