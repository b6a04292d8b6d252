#include "oauth/organization.h"

#include "base/text.h"
#include "oauth/origin.h"
#include "store/connections.h"
#include "store/organization_members.h"

namespace segue::oauth {
namespace {

constexpr std::string_view kNamePlaceholder = "{organization_name}";

bool allows_organizations(const model::Client& client) {
  return client.organization_usage == "allow" || client.organization_usage == "require";
}

bool names_are_allowed(const tenancy::Snapshot& tenant) {
  return json::find_bool(tenant.tenant().settings, "allow_organization_name_in_authentication_api").value_or(false);
}

}  // namespace

std::string resolve_organization(const tenancy::Snapshot& tenant, const std::string& wanted) {
  if (wanted.empty() || wanted.starts_with("org_") || !names_are_allowed(tenant)) return wanted;
  const auto named = tenant.organization_named(base::ascii_lower(wanted));
  return named ? named->organization_id : wanted;
}

base::Outcome check_organization(const tenancy::Snapshot& tenant, const model::Client& client, const std::string& organization_id,
                                 const store::Reader* r) {
  if (organization_id.empty()) {
    if (client.organization_usage == "require") return invalid_request("parameter organization is required for this client");
    return base::Unit{};
  }
  if (!allows_organizations(client)) return invalid_request("parameter organization is not allowed for this client");
  if (!tenant.organization(organization_id, r)) {
    return invalid_request(names_are_allowed(tenant)
                               ? "parameter organization names no organization: send its id (org_…) or its name"
                               : "parameter organization names no organization: send its id (org_…)");
  }
  return base::Unit{};
}

bool organization_admits(const store::Reader& r, const OrganizationUse& use) {
  if (use.organization_id.empty()) return true;
  const auto organization = use.tenant.organization(use.organization_id, &r);
  return organization && organization->connection(use.connection_id) != nullptr &&
         store::organization_members::is_member(r, use.organization_id, use.user_id);
}

bool joins_on_login(const store::Reader& r, const OrganizationUse& use) {
  const auto organization = use.tenant.organization(use.organization_id, &r);
  const auto* const enabled = organization ? organization->connection(use.connection_id) : nullptr;
  return enabled != nullptr && enabled->assign_membership_on_login;
}

void join_organization(const store::Writer& w, const http::Call& call, const model::Client* client,
                       std::string_view organization_id, const model::User& user, base::Instant now) {
  if (!store::organization_members::add(w, organization_id, user.user_id, now)) return;
  auto row = event_of(call, "organization_member_added", client);
  const auto connection = store::connections::find(w, user.connection_id);
  set_user(row, user, nullptr);
  set_connection(row, connection ? &*connection : nullptr);
  row.organization_id = organization_id;
  row.details["reason"] = "assign_membership_on_login";
  audit::append(w, row, now);
}

base::Error not_in_organization(std::string_view organization_id) {
  return access_denied("user is not part of the " + std::string(organization_id) + " organization");
}

std::vector<std::string> callbacks_for(const tenancy::Snapshot& tenant, const model::Client& client,
                                       const std::string& organization_id, const store::Reader* r) {
  auto out = client.callbacks;
  const auto organization = allows_organizations(client) ? tenant.organization(organization_id, r) : nullptr;
  std::erase_if(out, [&](std::string& callback) {
    const auto at = callback.find(kNamePlaceholder);
    if (at == std::string::npos) return false;
    if (!organization) return true;
    // A name is one host label (management/organization_rules.h), so it can end neither the label nor the host.
    callback.replace(at, kNamePlaceholder.size(), organization->name);
    return false;
  });
  return out;
}

}  // namespace segue::oauth
