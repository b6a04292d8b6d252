// `link_with` of POST /users/{id}/identities: an ID token with which somebody shows that a second account is theirs as well
// (contract §9.10, §9.13).
#pragma once
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "model/directory.h"
#include "tenancy/snapshot.h"
#include "tokens/access_token.h"

namespace segue::management {

struct LinkWith {
  std::string user_id;
  std::int64_t issued_at = 0;  // seconds since 1970
};
// An ID token of this tenant, for the client and of the issuer that the caller's own token is of, and in time.
base::Result<LinkWith> read_link_with(const tenancy::Snapshot& tenant, const tokens::VerifiedAccessToken& caller,
                                      std::string_view token, base::Instant now);
// Whether it still says who may sign in: not once the user is blocked, has another password, or was linked and unlinked again.
bool still_proves(const LinkWith& proof, const model::User& user);

}  // namespace segue::management
