#include "oauth/authorize/sign_up_offer.h"

#include "oauth/authorize/invitation.h"
#include "oauth/authorize/login_connection.h"
#include "oauth/database/new_account.h"
#include "store/users.h"

namespace segue::oauth {
namespace {

bool is_invitation(const AuthorizationRequest& request) { return request.invitation_row_id != base::RowId{}; }

// An organization that takes people who were not asked takes them as members: an account that its own sign-in refuses helps
// nobody.
bool takes_strangers(const tenancy::Snapshot& tenant, const AuthorizationRequest& request, const model::Connection& connection) {
  if (!database::takes_sign_ups(connection)) return false;
  if (request.organization.empty()) return true;
  const auto organization = tenant.organization(request.organization);
  const auto* const enabled = organization ? organization->connection(connection.connection_id) : nullptr;
  return enabled != nullptr && enabled->is_signup_enabled && enabled->assign_membership_on_login;
}

// A connection that is closed to strangers may be opened by the organization for those whom it asks.
bool takes_invited(const tenancy::Snapshot& tenant, const AuthorizationRequest& request, const model::Connection& connection) {
  if (database::takes_sign_ups(connection)) return true;
  const auto organization = tenant.organization(request.organization);
  const auto* const enabled = organization ? organization->connection(connection.connection_id) : nullptr;
  return enabled != nullptr && enabled->is_signup_enabled;
}

}  // namespace

SignUpOffer sign_up_offer(const Services& services, const tenancy::Snapshot& tenant, const ValidatedRequest& v,
                          base::Instant now) {
  SignUpOffer out;
  if (!is_invitation(v.request)) {
    out.connection = login_connection(tenant, v);
    out.is_open = out.connection && takes_strangers(tenant, v.request, *out.connection);
    return out;
  }
  return services.tenants.store().read(tenant.tenant().id, [&](const store::Reader& r) {
    const auto invitation = presented_invitation(r, tenant, v.request, now);
    out.connection = login_connection(tenant, v, invitation ? invitation->connection_id : std::string());
    out.is_over = !invitation;
    if (!invitation || !out.connection) return out;
    out.invited_email = invitation->email;
    out.invited_has_account = store::users::find_by_identifier(r, out.connection->connection_id, invitation->email).has_value();
    out.is_open = takes_invited(tenant, v.request, *out.connection);
    return out;
  });
}

std::string_view first_page(const Services& services, const tenancy::Snapshot& tenant, const ValidatedRequest& v,
                            base::Instant now) {
  if (!v.request.sign_up_first && !is_invitation(v.request)) return kLoginPath;
  return sign_up_offer(services, tenant, v, now).is_shown() ? kSignUpPath : kLoginPath;
}

}  // namespace segue::oauth
