// A request that a page or the pipeline holds up, as its end needs it: whom to tell, and what to log.
#pragma once
#include "http/call.h"
#include "model/directory.h"
#include "oauth/authorize/authorization_request.h"

namespace segue::oauth {

struct SuspendedRequest {
  const http::Call& call;
  const tenancy::Snapshot& tenant;
  const ValidatedRequest& validated;
  base::RowId transaction_id{};
  const model::User& user;
  const model::Connection* connection = nullptr;  // for the log; null: not known here
  std::string transfer_id = {};                   // of the session transfer token that was spent for it
};

}  // namespace segue::oauth
