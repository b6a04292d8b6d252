#include "management/user_rules.h"

#include "connections/identifiers.h"
#include "management/answers.h"
#include "management/errors.h"

namespace segue::management {

base::Outcome check_username(const model::Connection& connection, const std::string& username) {
  if (auto problem = connections::username_problem(connection, username)) return invalid_body(std::move(*problem));
  return base::Unit{};
}

base::Outcome check_has_username(const model::Connection& connection, const std::string& username) {
  if (!username.empty()) return check_username(connection, username);
  if (connections::requires_username(connection))
    return invalid_body("Payload validation error: 'Missing required property: username'.");
  return base::Unit{};
}

void merge_metadata(json::object& profile, const json::object& body) {
  for (const auto* name : {"user_metadata", "app_metadata"}) {
    const auto* const patch = json::find_object(body, name);
    if (patch == nullptr) continue;
    auto& stored = profile[name];
    if (!stored.is_object() || patch->empty()) stored.emplace_object();
    merge_patch(stored.get_object(), *patch, 1);
  }
}

}  // namespace segue::management
