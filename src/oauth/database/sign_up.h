// POST /dbconnections/signup (contract §5.5): anybody makes a user of a database connection that lets them.
#pragma once
#include "base/result.h"
#include "connections/accounts.h"
#include "http/call.h"
#include "oauth/services.h"

namespace segue::oauth::database {

base::Result<http::Response> sign_up(const Services& services, connections::AccountTriggers& triggers, http::Call& call);

}  // namespace segue::oauth::database
