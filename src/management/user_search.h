// The list of GET /api/v2/users: which users, in which order, and which page of them (contract §9.3, §9.10).
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "management/answers.h"
#include "management/user_query.h"
#include "tenancy/snapshot.h"

namespace segue::management {

struct UserSearch {
  std::optional<UserQuery> query;  // nothing: everybody
  std::string connection_id;       // empty: of every connection
  std::string sort;                // a path in the user, as "created_at" or "user_metadata.plan"; empty: by creation
  bool descending = false;

  bool means_everybody() const { return !query && connection_id.empty(); }
};
base::Result<UserSearch> read_user_search(const tenancy::Snapshot& tenant, const json::object& query);

struct FoundUsers {
  std::vector<model::User> users;
  std::int64_t total = 0;  // where the paging wants it
};
// A list of everybody costs what a page costs. What needs a look at each user reads them in batches, never more than 200,000; a
// query that names user_id or email looks at those alone.
base::Result<FoundUsers> find_users(store::Store& store, const tenancy::Snapshot& tenant, const UserSearch& search,
                                    const Paging& paging);

}  // namespace segue::management
