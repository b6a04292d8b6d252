#include "connections/identities.h"

namespace segue::connections {
namespace {

json::object shown(const tenancy::Snapshot& tenant, std::string_view user_id, std::string_view connection_id) {
  const auto name = identity_name(user_id);
  const auto connection = tenant.connection(connection_id);
  return {{"connection", connection ? connection->name : ""},
          {"user_id", name.user_id},
          {"provider", name.provider},
          {"isSocial", false}};
}

// Metadata is the user's; what is linked has none while it is.
json::object profile_data(const model::LinkedIdentity& identity) {
  json::object out;
  if (!identity.email.empty()) out["email"] = identity.email;
  out["email_verified"] = identity.email_verified;
  if (!identity.username.empty()) out["username"] = identity.username;
  for (const auto* name : {"name", "nickname", "given_name", "family_name", "picture"}) {
    if (const auto* const value = json::find(identity.profile, name)) out[name] = *value;
  }
  return out;
}

}  // namespace

IdentityName identity_name(std::string_view user_id) {
  const auto bar = user_id.find('|');
  return {user_id.substr(0, bar), bar == std::string_view::npos ? user_id : user_id.substr(bar + 1)};
}

json::array identities_of(const tenancy::Snapshot& tenant, const model::User& user) {
  json::array out{shown(tenant, user.user_id, user.connection_id)};
  for (const auto& identity : user.linked) {
    auto each = shown(tenant, identity.user_id, identity.connection_id);
    each["profileData"] = profile_data(identity);
    out.push_back(std::move(each));
  }
  return out;
}

}  // namespace segue::connections
