#include "management/user_identities.h"

#include "base/text.h"
#include "connections/identities.h"
#include "management/errors.h"
#include "store/identities.h"

namespace segue::management {
namespace {

bool is_named(const json::object& identity, std::string_view user_id, std::string_view connection_id) {
  const auto name = connections::identity_name(user_id);
  return json::find_string(identity, "provider") == name.provider && json::find_string(identity, "user_id") == name.user_id &&
         json::find_string(identity, "connection_id").value_or(std::string(connection_id)) == connection_id;
}

// What an identity has of its own. All else is the user's, whoever they sign in with.
base::Outcome check_is_of_identity(const json::object& body) {
  for (const auto& member : body) {
    const std::string_view name = member.key();
    if (!base::contains({"connection", "client_id", "email", "email_verified", "verify_email", "username", "password"}, name)) {
      return invalid_body(std::string(name) +
                          ": belongs to the user and not to the identity of this connection. Change it without " +
                          "naming the connection");
    }
  }
  return base::Unit{};
}

}  // namespace

base::Result<model::User> find_identity_of_ticket(const store::Reader& r, const model::User& user, const json::object* identity) {
  if (identity == nullptr || is_named(*identity, user.user_id, user.connection_id)) return user;
  for (const auto& linked : user.linked) {
    if (!is_named(*identity, linked.user_id, linked.connection_id)) continue;
    if (auto row = store::identities::find(r, linked.user_id)) return std::move(*row);
  }
  return invalid_body("identity: the user has no such identity");
}

base::Result<std::string> identity_of_connection(const tenancy::Snapshot& tenant, const model::User& user,
                                                 const json::object& body) {
  const auto name = json::find_string(body, "connection");
  const auto own = tenant.connection(user.connection_id);
  if (!name || (own && own->name == *name)) return user.user_id;
  const auto connection = tenant.connection_named(*name);
  std::string out;
  for (const auto& linked : user.linked) {
    if (!connection || linked.connection_id != connection->connection_id) continue;
    if (!out.empty()) {
      return invalid_body("connection: the user has more than one identity of the connection \"" + *name +
                          "\". Unlink the one that is to be changed");
    }
    out = linked.user_id;
  }
  if (out.empty()) {
    return invalid_body("connection: the user belongs to the connection \"" + (own ? own->name : "") +
                        "\" and has no identity of another one of this name");
  }
  TRY(check_is_of_identity(body));
  return out;
}

std::vector<std::string> possible_user_ids(std::string_view provider, std::string_view user_id) {
  const auto prefix = std::string(provider) + "|";
  std::vector<std::string> out = {prefix + std::string(user_id)};
  if (user_id.starts_with(prefix)) out.emplace_back(user_id);
  return out;
}

}  // namespace segue::management
