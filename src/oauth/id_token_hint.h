// An ID token of ours that comes back as a hint (OIDC RP-Initiated Logout 1.0 §2).
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/client.h"
#include "tenancy/snapshot.h"

namespace segue::oauth {

struct IdTokenHint {
  std::shared_ptr<const model::Client> client;  // its audience
  std::string subject;
  std::string sid;              // empty: the token names no session, as one from a refresh
  std::int64_t expires_at = 0;  // seconds since 1970
};
// Signature, issuer (any domain of the tenant) and audience. It may have expired: it says who asks, and opens nothing.
base::Result<IdTokenHint> read_id_token_hint(const tenancy::Snapshot& tenant, std::string_view token);

}  // namespace segue::oauth
