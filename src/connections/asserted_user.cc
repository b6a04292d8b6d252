#include "connections/asserted_user.h"

#include <algorithm>

#include "base/text.h"
#include "connections/identifiers.h"

namespace segue::connections {
namespace {

constexpr std::size_t kLongestUserId = 255;

struct ProfileAttribute {
  std::string_view name;
  std::size_t longest;
};
constexpr ProfileAttribute kProfileAttributes[] = {
    {"given_name", 150}, {"family_name", 150}, {"name", 300}, {"nickname", 300}, {"picture", 2048}};

base::Error unusable(std::string_view attribute, std::string_view why) {
  return {
      .kind = base::ErrorKind::invalid_input,
      .code = "invalid_request",
      .description = "api.authentication.setUserByConnection: the attribute " + std::string(attribute) + " " + std::string(why),
      .status = 400};
}

bool is_known(std::string_view name) {
  for (const auto& attribute : kProfileAttributes) {
    if (attribute.name == name) return true;
  }
  for (const auto known : {"user_id", "email", "email_verified", "username", "phone_number", "phone_verified", "verify_email"}) {
    if (name == known) return true;
  }
  return false;
}

base::Result<std::optional<std::string>> text_of(const json::object& attributes, std::string_view name, std::size_t longest) {
  const auto* const value = json::find(attributes, name);
  if (value == nullptr || value->is_null()) return std::optional<std::string>();
  if (!value->is_string()) return unusable(name, "must be a string");
  std::string text(json::to_view(value->get_string()));
  if (text.empty() || base::character_count(text) > longest || !base::is_free_of_controls(text))
    return unusable(name, "must have 1 to " + std::to_string(longest) + " characters, none of them a control character");
  return std::optional(std::move(text));
}

base::Result<std::optional<bool>> flag_of(const json::object& attributes, std::string_view name) {
  const auto* const value = json::find(attributes, name);
  if (value == nullptr || value->is_null()) return std::optional<bool>();
  if (!value->is_bool()) return unusable(name, "must be true or false");
  return std::optional(value->get_bool());
}

// What nothing here serves; false and null ask for nothing.
base::Outcome check_not_served(const json::object& attributes) {
  if (TRY(flag_of(attributes, "verify_email")).value_or(false))
    return unusable("verify_email", "must be false: no e-mail is sent here");
  if (TRY(text_of(attributes, "phone_number", 32)) || TRY(flag_of(attributes, "phone_verified")).value_or(false)) {
    return unusable("phone_number", "is not served: users of a database connection are identified by e-mail or user name here");
  }
  return base::Unit{};
}

base::Result<std::string> user_id_of(const json::object& attributes) {
  const auto id = TRY(text_of(attributes, "user_id", kLongestUserId));
  const auto usable = [](char c) { return static_cast<unsigned char>(c) > 0x20; };
  if (!id || !std::all_of(id->begin(), id->end(), usable))
    return unusable("user_id", "is needed, without white space: it names the user within the connection");
  return "auth0|" + *id;
}

}  // namespace

base::Result<AssertedUser> read_asserted_user(const model::Connection& connection, const json::object& attributes) {
  for (const auto& attribute : attributes) {
    if (!is_known(attribute.key())) return unusable(base::shortened(attribute.key(), 64), "is none that a user has");
  }
  TRY(check_not_served(attributes));
  AssertedUser out;
  out.user_id = TRY(user_id_of(attributes));
  out.email = TRY(text_of(attributes, "email", 254));
  if (out.email && !is_email(*out.email)) return unusable("email", "is no e-mail address");
  out.email_verified = TRY(flag_of(attributes, "email_verified"));
  out.username = TRY(text_of(attributes, "username", 128));
  if (out.username) {
    if (const auto problem = username_problem(connection, *out.username))
      return unusable("username", "cannot be used. " + *problem);
  }
  for (const auto& [name, longest] : kProfileAttributes) {
    const auto text = TRY(text_of(attributes, name, longest));
    if (text) out.profile[name] = *text;
  }
  const auto picture = json::find_string(out.profile, "picture").value_or("https://");
  if (!(picture.starts_with("https://") || picture.starts_with("http://")) || picture.find_first_of(" \"<>\\") != picture.npos)
    return unusable("picture", "is no http or https URL");
  return out;
}

base::Result<model::User> new_asserted_user(const model::Connection& connection, const AssertedUser& asserted,
                                            base::Instant now) {
  if (requires_username(connection) && !asserted.username)
    return unusable("username", "is needed to create a user: the connection requires one");
  if (!asserted.email && !asserted.username) return unusable("email", "is needed to create a user");
  model::User user;
  user.user_id = asserted.user_id;
  user.connection_id = connection.connection_id;
  user.created_at = now;
  replace_attributes(user, asserted, now);
  add_profile_defaults(user.profile, user.email, user.username);
  return user;
}

AssertedChange replace_attributes(model::User& user, const AssertedUser& asserted, base::Instant now) {
  auto change = AssertedChange::none;
  if (asserted.email && *asserted.email != user.email) {
    user.email = *asserted.email;
    user.email_verified = false;  // the old address was, if any
    change = AssertedChange::identifier;
  }
  if (asserted.username && *asserted.username != user.username) {
    user.username = *asserted.username;
    change = AssertedChange::identifier;
  }
  if (asserted.email_verified && *asserted.email_verified != user.email_verified) {
    user.email_verified = *asserted.email_verified;
    change = AssertedChange::identifier;
  }
  for (const auto& attribute : asserted.profile) {
    auto& stored = user.profile[attribute.key()];
    if (stored == attribute.value()) continue;
    stored = attribute.value();
    if (change == AssertedChange::none) change = AssertedChange::profile;
  }
  if (change != AssertedChange::none) user.updated_at = now;
  return change;
}

}  // namespace segue::connections
