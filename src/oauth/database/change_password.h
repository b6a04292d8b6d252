// POST /dbconnections/change_password (contract §5.5): a mail with a one-time link, and one answer for everybody.
#pragma once
#include "base/result.h"
#include "http/call.h"
#include "oauth/services.h"

namespace segue::oauth::database {

base::Result<http::Response> request_new_password(const Services& services, const http::Call& call);

}  // namespace segue::oauth::database
