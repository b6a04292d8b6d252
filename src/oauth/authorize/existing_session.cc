#include "oauth/authorize/existing_session.h"

#include "oauth/organization.h"

namespace segue::oauth {

namespace {

// contract §2.5: the tenant flag `enable_sso`; without it every authorization begins at the login page.
bool allows_single_sign_on(const tenancy::Snapshot& tenant) {
  const auto* const flags = json::find_object(tenant.tenant().settings, "flags");
  return flags == nullptr || json::find_bool(*flags, "enable_sso").value_or(true);
}

}  // namespace

bool session_suffices(const store::Writer& w, const tenancy::Snapshot& tenant, const ValidatedRequest& v,
                      const model::Session& session, base::Instant at) {
  if (!allows_single_sign_on(tenant) || v.request.prompt_login || v.request.max_age == 0) return false;
  if (v.request.max_age && at - session.authenticated_at > std::chrono::seconds(*v.request.max_age)) return false;
  if (session.organization_id != v.request.organization) return false;
  // Who accepts an invitation says so by signing in.
  if (v.request.invitation_row_id != base::RowId{}) return false;
  if (!organization_admits(w, {.tenant = tenant,
                               .organization_id = session.organization_id,
                               .user_id = session.user_id,
                               .connection_id = session.connection_id}))
    return false;
  if (!tenant.connection_serves(session.connection_id, v.client->client_id, &w)) return false;
  if (v.request.connection.empty()) return true;
  const auto connection = tenant.connection(session.connection_id, &w);
  return connection && connection->name == v.request.connection;
}

}  // namespace segue::oauth
