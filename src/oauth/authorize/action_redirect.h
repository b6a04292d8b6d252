// The way back from another site that an Action sent the person to (contract §2.6, §8.3).
#pragma once
#include <string>

#include "base/result.h"
#include "http/message.h"
#include "http/parameters.h"

namespace segue::oauth {

// GET or POST /continue: `state` names the request, the rest is for the Action.
struct ContinueRequest {
  std::string state;
  http::Parameters query, body;
};
base::Result<ContinueRequest> read_continue_request(const http::Request& request);

}  // namespace segue::oauth
