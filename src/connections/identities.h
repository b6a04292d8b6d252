// A user's identities, as the Management API and Actions show them (contract §8.4, §9.10).
#pragma once
#include <string_view>

#include "model/directory.h"
#include "tenancy/snapshot.h"

namespace segue::connections {

// "auth0|ada" is the provider "auth0" and what the provider calls her.
struct IdentityName {
  std::string_view provider, user_id;
};
IdentityName identity_name(std::string_view user_id);

// The user's own first; those that are linked to it say what their provider knows of the person.
json::array identities_of(const tenancy::Snapshot& tenant, const model::User& user);

}  // namespace segue::connections
