#include "management/user_answer.h"

#include "base/text.h"
#include "connections/identities.h"
#include "management/schema.h"

namespace segue::management {

namespace {

const Field& answer_table() {
  static const Field table = [] {
    Field out{.name = "", .type = Type::object};
    for (const auto& name : user_answer_fields()) out.members.push_back({.name = name});
    return out;
  }();
  return table;
}

}  // namespace

json::object user_answer(const tenancy::Snapshot& tenant, const model::User& user) {
  auto out = user.profile;
  out["user_id"] = user.user_id;
  if (!user.email.empty()) out["email"] = user.email;
  out["email_verified"] = user.email_verified;
  if (!user.username.empty()) out["username"] = user.username;
  // Shown once somebody has set it.
  if (user.blocked || json::find(out, "blocked") != nullptr) out["blocked"] = user.blocked;
  out["identities"] = connections::identities_of(tenant, user);
  out["created_at"] = base::to_iso8601(user.created_at);
  out["updated_at"] = base::to_iso8601(user.updated_at);
  if (user.last_password_reset) out["last_password_reset"] = base::to_iso8601(*user.last_password_reset);
  if (user.last_login) {
    out["last_login"] = base::to_iso8601(*user.last_login);
    out["last_ip"] = user.last_ip;
    out["logins_count"] = user.logins_count;
  }
  return in_order_of(answer_table(), std::move(out));
}

const std::vector<std::string>& user_answer_fields() {
  static const std::vector<std::string> names = {"user_id",
                                                 "email",
                                                 "email_verified",
                                                 "username",
                                                 "phone_number",
                                                 "phone_verified",
                                                 "created_at",
                                                 "updated_at",
                                                 "identities",
                                                 "app_metadata",
                                                 "user_metadata",
                                                 "picture",
                                                 "name",
                                                 "nickname",
                                                 "multifactor",
                                                 "multifactor_last_modified",
                                                 "last_ip",
                                                 "last_login",
                                                 "last_password_reset",
                                                 "logins_count",
                                                 "blocked",
                                                 "given_name",
                                                 "family_name",
                                                 "blocked_for",
                                                 "guardian_authenticators"};
  return names;
}

}  // namespace segue::management
