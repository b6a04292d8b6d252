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
// The invitation of a request that was refused.
audit::Event failed_invitation(const http::Call& call, const model::Client& client, const model::User& user,
                               std::string_view organization_id);
base::Error not_invited();

}  // namespace segue::oauth
