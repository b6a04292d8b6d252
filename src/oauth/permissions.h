// Role-based access control: what a user may do at an API decides which of its scopes they get (contract §9.7 enforce_policies).
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "model/client.h"
#include "oauth/resource.h"
#include "store/store.h"
#include "tenancy/snapshot.h"

namespace segue::oauth {

struct PermissionQuestion {
  const tenancy::Snapshot& tenant;
  const model::Client& client;
  const model::ResourceServer* api;  // null: none
  std::string_view user_id;
  std::string_view organization_id;  // of the sign-in; empty: none
};

struct Permitted {
  std::string scope;                     // what is left of it
  std::vector<std::string> permissions;  // for the token, where the API wants them there
};

// In the transaction that grants it, behind the lock on the user. Asks the database nothing about an API that enforces nothing.
// Scopes of OpenID Connect are no API's.
Permitted permitted(const store::Reader& r, const PermissionQuestion& question, const std::string& scope);

// The same of what was asked for at /authorize.
GrantedResource permitted(const store::Reader& r, const tenancy::Snapshot& tenant, const model::Client& client,
                          GrantedResource resource, std::string_view user_id, std::string_view organization_id);

}  // namespace segue::oauth
