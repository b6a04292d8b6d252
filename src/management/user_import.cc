#include "management/user_import.h"

#include "base/text.h"
#include "connections/identifiers.h"
#include "crypto/password.h"
#include "management/errors.h"
#include "management/schema.h"
#include "management/user_answer.h"
#include "management/user_rules.h"

namespace segue::management {
namespace user_import {
namespace {

const Schema& schema() {
  static const Schema out = object_schema(
      "UserImport",
      {{.name = "email", .description = "E-mail address", .required = true, .max_length = 254, .format = Format::email},
       {.name = "email_verified", .type = Type::boolean, .description = "Whether the e-mail address is verified"},
       {.name = "user_id",
        .description = "The user's id without its prefix",
        .min_length = 1,
        .max_length = 255,
        .pattern = Pattern::no_white_space},
       {.name = "username", .description = "User name", .min_length = 1, .max_length = 128},
       {.name = "given_name", .description = "Given name", .max_length = 150},
       {.name = "family_name", .description = "Family name", .max_length = 150},
       {.name = "name", .description = "Full name", .max_length = 300},
       {.name = "nickname", .description = "Nickname", .max_length = 300},
       {.name = "picture", .description = "URL of a picture", .format = Format::strict_uri},
       {.name = "blocked", .type = Type::boolean, .description = "Whether the user is blocked"},
       {.name = "password_hash", .description = "bcrypt hash of the password", .max_length = 200},
       {.name = "custom_password_hash",
        .type = Type::object,
        .description = "Hash of the password",
        .members = {{.name = "algorithm", .required = true, .one_of = {"argon2", "bcrypt"}},
                    {.name = "hash",
                     .type = Type::object,
                     .required = true,
                     .members = {{.name = "value", .required = true, .max_length = 500},
                                 {.name = "encoding", .one_of = {"utf8"}}}}}},
       {.name = "app_metadata", .type = Type::object, .description = "Data the user may not change", .open = true},
       {.name = "user_metadata", .type = Type::object, .description = "Data the user may change", .open = true}});
  return out;
}

base::Result<std::string> hash_of(const json::object& row) {
  auto out = json::find_string(row, "password_hash");
  const auto* const custom = json::find_object(row, "custom_password_hash");
  if (out && custom != nullptr) return invalid_body("password_hash and custom_password_hash exclude each other");
  if (custom != nullptr) out = json::find_string(json::object_or_empty(*custom, "hash"), "value");
  if (out && !crypto::is_supported_password_hash(*out)) {
    return invalid_body(
        "The hash cannot be read: bcrypt ($2a$, $2b$, $2y$, cost 4 to 16) and argon2id in its text form ($argon2id$v=19$…) are "
        "served here");
  }
  return out.value_or("");
}

}  // namespace
}  // namespace user_import

base::Result<ImportedUser> imported_user(const json::value& row, const model::Connection& connection, base::Random& random,
                                         base::Instant now) {
  TRY(validate_body(user_import::schema(), row));
  const auto& o = row.get_object();
  ImportedUser out;
  const auto id = json::find_string(o, "user_id");
  out.names_id = id.has_value();
  auto& user = out.user;
  user.user_id = "auth0|" + id.value_or(random.text(24, base::kHexDigits));
  user.connection_id = connection.connection_id;
  user.email = json::find_string(o, "email").value_or("");
  user.username = json::find_string(o, "username").value_or("");
  TRY(check_has_username(connection, user.username));
  user.password_hash = TRY(user_import::hash_of(o));
  user.created_at = now;
  update_from_import(user, o, now);
  connections::add_profile_defaults(user.profile, user.email, user.username);
  return out;
}

void update_from_import(model::User& stored, const json::object& row, base::Instant now) {
  stored.email_verified = json::find_bool(row, "email_verified").value_or(stored.email_verified);
  if (const auto blocked = json::find_bool(row, "blocked")) {
    stored.blocked = *blocked;
    stored.profile["blocked"] = *blocked;
  }
  for (const auto name : kProfileFields) {
    if (const auto* const v = json::find(row, name)) stored.profile[name] = *v;
  }
  merge_metadata(stored.profile, row);
  stored.updated_at = now;
}

json::object import_error(const json::value& row, std::string_view code, std::string_view message) {
  json::value shown = row;
  if (shown.is_object()) {
    for (const auto* const secret : {"password_hash", "custom_password_hash"}) {
      if (json::find(shown.get_object(), secret) != nullptr) shown.get_object()[secret] = "*****";
    }
  }
  return {{"user", std::move(shown)}, {"errors", json::array{json::object{{"code", code}, {"message", message}}}}};
}

}  // namespace segue::management
