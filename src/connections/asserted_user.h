// What another system says about a user of a database connection, by way of an Action (contract §8.6 setUserByConnection).
#pragma once
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "model/directory.h"

namespace segue::connections {

struct AssertedUser {
  std::string user_id;  // with the prefix of the connection's users: "auth0|…"
  std::optional<std::string> email, username;
  std::optional<bool> email_verified;
  json::object profile;  // given_name, family_name, name, nickname, picture
};
// Checks what is said as the Management API checks it. An attribute that is null says nothing.
base::Result<AssertedUser> read_asserted_user(const model::Connection& connection, const json::object& attributes);

// One without a password. An Error: what every user of the connection has was not said.
base::Result<model::User> new_asserted_user(const model::Connection& connection, const AssertedUser& asserted, base::Instant now);

// Writes it over `user`; what is not said stays.
enum class AssertedChange {
  none,
  profile,
  identifier,  // ends the user's sessions, as a change through the Management API does (contract §6.4)
};
AssertedChange replace_attributes(model::User& user, const AssertedUser& asserted, base::Instant now);

}  // namespace segue::connections
