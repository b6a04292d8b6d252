// Where the pages of an authorization request check a password, or make an account.
#pragma once
#include <memory>
#include <string_view>

#include "oauth/authorize/authorization_request.h"

namespace segue::oauth {

// The connection that the request names, else the default directory when it serves the client, else one of the client's database
// connections. With an organization, one that is enabled for it. `only` is the id of the one that it has to be; empty: any. Null:
// none.
std::shared_ptr<const model::Connection> login_connection(const tenancy::Snapshot& tenant, const ValidatedRequest& validated,
                                                          std::string_view only = {});

}  // namespace segue::oauth
