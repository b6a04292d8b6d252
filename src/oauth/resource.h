// Which API an access token is for and which scopes it gets (contract §2.1 audience and scope, §3.4, §4.1).
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/client.h"
#include "tenancy/snapshot.h"

namespace segue::oauth {

struct GrantedResource {
  std::shared_ptr<const model::ResourceServer> resource_server;  // null: an opaque token for /userinfo
  std::string audience;                                          // its identifier; empty: none
  std::string scope;                                             // what is granted, space-separated, in the order asked for
  bool offline_access = false;                                   // a refresh token is due (contract §4.1)
  std::vector<std::string> permissions = {};                     // of the user there (permissions.h)
};

enum class AudienceError { authorize, token };  // the two endpoints word an unknown audience differently

// For a user's sign-in. Unknown scopes are dropped silently. `domain` is the request's: its /userinfo is no audience of its own.
base::Result<GrantedResource> grant_resource(const tenancy::Snapshot& tenant, const model::Client& client,
                                             std::string_view domain, const std::string& audience, const std::string& scope,
                                             AudienceError wording);
// Where online_access means nothing (contract §4.7 "flows"): it is left out silently.
std::string without_online_access(const std::string& scope);
// Whether the scope is of OpenID Connect rather than of an API.
bool is_oidc_scope(std::string_view scope);
// The password grants give a trusted client every scope of the API when it asks for none (contract §3.4).
std::string all_scopes(const tenancy::Snapshot& tenant, const std::string& audience);

std::string audience_or_default(const tenancy::Snapshot& tenant, const std::string& audience);

}  // namespace segue::oauth
