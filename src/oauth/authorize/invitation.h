// An invitation to an organization, accepted by signing in (contract §9.12 organizations).
#pragma once
#include <optional>

#include "oauth/authorize/open_session.h"
#include "oauth/authorize/sign_in_evidence.h"
#include "store/invitations.h"

namespace segue::oauth {

// The one that the request presents, when this person may accept it here and now; locked until the commit, behind the user.
std::optional<store::invitations::Found> open_invitation(const store::Writer& w, const SignInContext& context,
                                                         const model::User& user, const SignInEvidence& evidence);
// Spends it, and makes the user what it says: a member, with roles and metadata.
void accept_invitation(const store::Writer& w, const SignInContext& context, const store::invitations::Found& found,
                       model::User& user);

// The one that the request presents, as long as it is open; for what a page shows before anybody is known.
std::optional<model::Invitation> presented_invitation(const store::Reader& r, const tenancy::Snapshot& tenant,
                                                      const AuthorizationRequest& request, base::Instant now);
// Whether who has just made this account at the connection may accept it; locked until the commit. Asked before the account is
// stored.
bool invites(const store::Writer& w, const tenancy::Snapshot& tenant, const AuthorizationRequest& request, std::string_view email,
             std::string_view connection_id, base::Instant now);

// The invitation of a request that was refused. `user_id` is empty where nobody has signed in.
struct Uninvited {
  std::string_view user_id, email;
};
audit::Event failed_invitation(const http::Call& call, const model::Client& client, const Uninvited& who,
                               std::string_view organization_id);
base::Error not_invited();

}  // namespace segue::oauth
