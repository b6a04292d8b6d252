// An organization: a customer of the tenant, with members and the connections they sign in by (contract §9.11).
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "json/value.h"

namespace segue::model {

struct OrganizationConnection {
  std::string connection_id;
  bool assign_membership_on_login = false;
  bool show_as_button = true;
  bool is_signup_enabled = false;
  bool operator==(const OrganizationConnection&) const = default;
};

struct Organization {
  std::string organization_id;  // org_…
  std::string name;             // lower case, unique in the tenant
  json::object document;        // display_name, branding, metadata: as set
  std::vector<OrganizationConnection> connections;
  base::Instant created_at{}, updated_at{};

  // Null: not enabled for the organization.
  const OrganizationConnection* connection(std::string_view connection_id) const {
    for (const auto& enabled : connections) {
      if (enabled.connection_id == connection_id) return &enabled;
    }
    return nullptr;
  }
};

}  // namespace segue::model
