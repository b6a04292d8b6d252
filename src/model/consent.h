// What a user allowed a client to do (contract §2.7). The wire calls it a grant; `grants` are the session graph's.
#pragma once
#include <string>

#include "base/clock.h"

namespace segue::model {

struct UserConsent {
  std::string consent_id;  // 24 hex digits
  std::string user_id, client_id;
  std::string audience;  // the API's identifier, or the tenant's /userinfo
  std::string scope;     // space-separated
  base::Instant created_at{}, updated_at{};
};

}  // namespace segue::model
