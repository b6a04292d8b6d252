// Which scopes of an API a user's token may carry through a client (contract §9.7 subject_type_authorization.user, §4.6).
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/client.h"
#include "tenancy/snapshot.h"

namespace segue::tenancy {

// None: the API is closed to the client's users. A user's token never carries a scope of the Management API: those belong to
// machine clients with a client grant.
std::optional<std::vector<std::string>> user_scopes(const Snapshot& tenant, const model::Client& client,
                                                    const model::ResourceServer& api, const store::Reader* r = nullptr);

// What the client's refresh token policy for this API adds to its refresh tokens: scopes that the API has and that are open to
// its users. Null: no policy counts, because there is none, or the API is unknown, closed, or the Management API, or the client
// is a third party's.
struct PolicyGrant {
  std::shared_ptr<const model::ResourceServer> api;
  std::vector<std::string> scopes;
};
std::optional<PolicyGrant> policy_grant(const Snapshot& tenant, const model::Client& client, std::string_view audience,
                                        const store::Reader& r);

}  // namespace segue::tenancy
