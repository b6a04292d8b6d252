// A suspended authorization request whose person is known, as it stands when its browser comes back to it.
#pragma once
#include <string>
#include <string_view>

#include "oauth/authorize/sign_in_evidence.h"
#include "oauth/authorize/stored_request.h"
#include "oauth/resource.h"

namespace segue::oauth {

struct KnownRequest {
  StoredRequest stored;
  ValidatedRequest validated;
  base::Result<GrantedResource> granted;  // the API may have gone, or closed itself to the client
  SignInEvidence evidence;
  model::User user;
  std::string transfer_id;  // of the session transfer token that was spent for it
};
// Errors as of open_stored().
base::Result<KnownRequest> open_known(const Services& services, const tenancy::Snapshot& tenant, const http::Call& call,
                                      std::string_view state, std::string_view step, base::Instant now);

}  // namespace segue::oauth
