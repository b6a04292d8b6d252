// A log row with the fields that every row of a request has.
#pragma once
#include <string_view>

#include "audit/event.h"
#include "http/call.h"
#include "model/client.h"

namespace segue::audit {

// `client` may be null.
Event event_of(const http::Call& call, std::string_view type, const model::Client* client);

}  // namespace segue::audit
