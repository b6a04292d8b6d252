// `q` of GET /api/v2/users: which users it means (contract §9.10), told from the user as the API shows it.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/value.h"
#include "management/lucene.h"

namespace segue::management {

// A value that an index leads to.
struct UserLead {
  enum class By { user_id, email } by = By::user_id;
  std::string value;
};

class UserQuery {
 public:
  static base::Result<UserQuery> read(std::string_view q);

  // E-mail addresses and names are compared without case, and names also word by word; `.raw` behind them compares the whole
  // text as it is, as every other field does.
  bool holds(const json::object& user) const;
  // Every user that the query means is one of these. Nothing: all must be looked at.
  std::optional<std::vector<UserLead>> leads() const;

 private:
  std::optional<lucene::Node> root_;  // nothing: everybody
};

// What stands at "user_metadata.plan" or "identities.connection": more than one value where an array is on the way.
std::vector<const json::value*> values_at(const json::object& user, std::string_view path);

}  // namespace segue::management
