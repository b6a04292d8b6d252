#include "oauth/authorize/invitation.h"

#include "base/bytes.h"
#include "base/text.h"
#include "oauth/errors.h"
#include "oauth/origin.h"
#include "store/organization_members.h"
#include "store/role_members.h"
#include "store/roles.h"
#include "store/users.h"

namespace segue::oauth {
namespace {

// First level, as PATCH /users does (contract §9.10).
void merge_invited(model::User& user, const json::object& document, std::string_view name) {
  const auto* const given = json::find_object(document, name);
  if (given == nullptr || given->empty()) return;
  auto merged = json::object_or_empty(user.profile, name);
  for (const auto& member : *given) merged[member.key()] = member.value();
  user.profile[name] = std::move(merged);
}

// It is the request's: its secret, for its organization and its client.
bool is_presented(const store::invitations::Found& found, const AuthorizationRequest& request) {
  const auto presented = base::from_base64url(request.invitation_hash);
  return presented && crypto::equal_in_constant_time(found.secret_hash, base::as_bytes(*presented)) &&
         found.invitation.organization_id == request.organization && found.invitation.client_id == request.client_id;
}

bool is_for(const store::Reader& r, const tenancy::Snapshot& tenant, const model::Invitation& invitation, std::string_view email,
            std::string_view connection_id) {
  const auto organization = tenant.organization(invitation.organization_id, &r);
  return invitation.email == base::ascii_lower(email) && organization && organization->connection(connection_id) != nullptr &&
         (invitation.connection_id.empty() || invitation.connection_id == connection_id);
}

}  // namespace

std::optional<store::invitations::Found> open_invitation(const store::Writer& w, const SignInContext& c, const model::User& user,
                                                         const SignInEvidence& evidence) {
  const auto& request = c.validated.request;
  // Only a person who has just proved who they are accepts.
  if (evidence.how != SignInEvidence::How::password) return std::nullopt;
  auto found = store::invitations::lock_open(w, request.invitation_row_id, c.now);
  const bool fits =
      found && is_presented(*found, request) && is_for(w, c.tenant, found->invitation, user.email, evidence.connection_id);
  return fits ? found : std::nullopt;
}

std::optional<model::Invitation> presented_invitation(const store::Reader& r, const tenancy::Snapshot& tenant,
                                                      const AuthorizationRequest& request, base::Instant now) {
  auto found = store::invitations::find_open(r, request.invitation_row_id, now);
  if (!found || !is_presented(*found, request) || !tenant.organization(request.organization, &r)) return std::nullopt;
  return std::move(found->invitation);
}

bool invites(const store::Writer& w, const tenancy::Snapshot& tenant, const AuthorizationRequest& request, std::string_view email,
             std::string_view connection_id, base::Instant now) {
  const auto found = store::invitations::lock_open(w, request.invitation_row_id, now);
  return found && is_presented(*found, request) && is_for(w, tenant, found->invitation, email, connection_id);
}

void accept_invitation(const store::Writer& w, const SignInContext& c, const store::invitations::Found& found,
                       model::User& user) {
  const auto& invitation = found.invitation;
  // It was locked when it was looked at.
  if (!store::invitations::accept(w, invitation.invitation_row_id, found.secret_hash, c.now))
    throw base::Bug("a locked invitation was accepted by somebody else");
  store::organization_members::add(w, invitation.organization_id, user.user_id, c.now);
  for (const auto& role_id : json::find_strings(invitation.document, "roles")) {
    // One that was deleted meanwhile gives nothing.
    if (store::roles::find_for_change(w, role_id))
      store::role_members::add(w, {.user_id = user.user_id, .organization_id = invitation.organization_id}, role_id, c.now);
  }
  if (invitation.document.contains("user_metadata") || invitation.document.contains("app_metadata")) {
    merge_invited(user, invitation.document, "user_metadata");
    merge_invited(user, invitation.document, "app_metadata");
    user.updated_at = c.now;
    store::users::update(w, user);
  }
  auto row = event_of(c.call, "si", c.validated.client.get());
  set_user(row, user, nullptr);
  row.organization_id = invitation.organization_id;
  json::object shown{{"id", invitation.invitation_id},
                     {"client_id", invitation.client_id},
                     {"created_at", base::to_iso8601(invitation.created_at)},
                     {"expires_at", base::to_iso8601(invitation.expires_at)},
                     {"inviter", json::object_or_empty(invitation.document, "inviter")},
                     {"invitee", json::object{{"email", invitation.email}}},
                     {"roles", json::to_array(json::find_strings(invitation.document, "roles"))}};
  row.details["invitation"] = std::move(shown);
  audit::append(w, row, c.now);
}

audit::Event failed_invitation(const http::Call& call, const model::Client& client, const Uninvited& who,
                               std::string_view organization_id) {
  auto row = event_of(call, "fi", &client);
  row.description = not_invited().description;
  row.user_id = who.user_id;
  row.user_name = base::shortened(who.email, 256);
  row.organization_id = organization_id;
  return row;
}

base::Error not_invited() {
  return access_denied("The invitation was used, has expired, or is for another person or connection: ask for a new one.");
}

}  // namespace segue::oauth
