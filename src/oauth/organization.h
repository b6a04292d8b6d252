// The organization that a request is made for (contract §1.17, §2.1, §2.2), and who may act in it.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/call.h"
#include "model/client.h"
#include "oauth/errors.h"
#include "store/store.h"
#include "tenancy/snapshot.h"

namespace segue::oauth {

// What `organization` names: an id, or a name where the tenant setting allow_organization_name_in_authentication_api is on. What
// names nothing comes back as it is, and is refused by check_organization.
std::string resolve_organization(const tenancy::Snapshot& tenant, const std::string& wanted);

// The client's organization_usage against what was asked for; empty: nothing.
base::Outcome check_organization(const tenancy::Snapshot& tenant, const model::Client& client, const std::string& organization_id,
                                 const store::Reader* r = nullptr);

struct OrganizationUse {
  const tenancy::Snapshot& tenant;
  std::string_view organization_id;  // empty: none, which everybody may use
  std::string_view user_id, connection_id;
};
// The organization exists, the connection is enabled for it, and the user is a member. Asked at every use: whoever is removed
// stays out from then on.
bool organization_admits(const store::Reader& r, const OrganizationUse& use);
// A sign-in by a connection that gives membership (assign_membership_on_login).
bool joins_on_login(const store::Reader& r, const OrganizationUse& use);
// Makes the user a member, with the row of it (contract §7.4).
void join_organization(const store::Writer& w, const http::Call& call, const model::Client* client,
                       std::string_view organization_id, const model::User& user, base::Instant now);
base::Error not_in_organization(std::string_view organization_id);

// The client's callbacks with {organization_name} filled in where the request has an organization that the client may use
// (contract §2.3). Without one they match nothing.
std::vector<std::string> callbacks_for(const tenancy::Snapshot& tenant, const model::Client& client,
                                       const std::string& organization_id, const store::Reader* r = nullptr);

}  // namespace segue::oauth
