// An invitation to an organization (contract §9.12 organizations).
#pragma once
#include <string>

#include "base/clock.h"
#include "base/ids.h"
#include "json/value.h"

namespace segue::model {

struct Invitation {
  base::RowId invitation_row_id{};  // the id of its handle
  std::string invitation_id;        // uinv_…
  std::string organization_id;
  std::string email;  // of the invitee
  std::string client_id;
  std::string connection_id;  // by which the invitee has to sign in; empty: any
  json::object document;      // inviter, roles, app_metadata, user_metadata: as they were sent
  base::Instant created_at{}, expires_at{};
};

}  // namespace segue::model
