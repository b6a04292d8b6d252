// What users may do (contract §9.11): roles, and the permissions that roles and users have.
#pragma once
#include <string>

#include "base/clock.h"

namespace segue::model {

struct Role {
  std::string role_id;  // rol_…
  std::string name;
  std::string description;  // empty: none
  base::Instant created_at{};
};

// A scope of an API.
struct Permission {
  std::string audience;  // the API's identifier
  std::string name;      // the scope

  auto operator<=>(const Permission&) const = default;
};

// A permission that a user has, and by what: a role, or the user's own.
struct HeldPermission {
  Permission permission;
  std::string role_id, role_name;  // empty: assigned to the user
};

}  // namespace segue::model
