// A sign-in of another protocol on its way through /authorize's own (interaction/foreign_protocol.h, docs/decisions/0040).
#pragma once
#include "interaction/foreign_protocol.h"
#include "oauth/authorize/authorization_request.h"
#include "oauth/authorize/open_session.h"

namespace segue::oauth {

// As its feature is shown it. Refers to all three.
interaction::ForeignSignIn foreign_sign_in(const http::Call& call, const tenancy::Snapshot& tenant,
                                           const ValidatedRequest& validated);

// Whether the person is the one whom a request of another protocol names, where it names one.
bool admits(const store::Reader& r, const SignInContext& context, const model::User& user);
base::Error another_person();

}  // namespace segue::oauth
