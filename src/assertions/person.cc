#include "assertions/person.h"

#include "base/text.h"

namespace segue::assertions {
namespace {

// What administrators keep about a person is not for service providers; what is nested is left out anyway.
constexpr std::string_view kKept[] = {"blocked", "user_metadata", "app_metadata"};

}  // namespace

Person person_of(const tenancy::Snapshot& tenant, const model::User& user, const std::string& connection_id,
                 const std::string& client_id, const store::Reader* r) {
  Person out{.attributes = user.profile, .client_id = client_id};
  for (const auto name : kKept) out.attributes.erase(name);
  out.attributes["user_id"] = user.user_id;
  if (!user.email.empty()) {
    out.attributes["email"] = user.email;
    out.attributes["email_verified"] = user.email_verified;
  }
  if (!user.username.empty()) out.attributes["username"] = user.username;
  out.attributes["created_at"] = base::to_iso8601(user.created_at);
  out.attributes["updated_at"] = base::to_iso8601(user.updated_at);
  out.provider = user.user_id.substr(0, user.user_id.find('|'));
  if (const auto connection = tenant.connection(connection_id, r)) out.connection = connection->name;
  return out;
}

}  // namespace segue::assertions
