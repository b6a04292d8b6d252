#include "assertions/person.h"

#include "base/text.h"

namespace segue::assertions {
namespace {

// The user_id of the identity that signed in by the connection.
const std::string& identity_of(const model::User& user, const std::string& connection_id) {
  for (const auto& linked : user.linked) {
    if (linked.connection_id == connection_id) return linked.user_id;
  }
  return user.user_id;
}

}  // namespace

Person person_of(const tenancy::Snapshot& tenant, const model::User& user, const std::string& connection_id,
                 const std::string& client_id, const store::Reader* r) {
  Person out{.attributes = user.profile, .client_id = client_id};
  out.attributes.erase("blocked");
  out.attributes["user_id"] = user.user_id;
  if (!user.email.empty()) {
    out.attributes["email"] = user.email;
    out.attributes["email_verified"] = user.email_verified;
  }
  if (!user.username.empty()) out.attributes["username"] = user.username;
  out.attributes["created_at"] = base::to_iso8601(user.created_at);
  out.attributes["updated_at"] = base::to_iso8601(user.updated_at);
  const auto& identity = identity_of(user, connection_id);
  out.provider = identity.substr(0, identity.find('|'));
  if (const auto connection = tenant.connection(connection_id, r)) out.connection = connection->name;
  return out;
}

}  // namespace segue::assertions
