// A log row with the fields that every row of a request has.
#pragma once
#include <string_view>

#include "audit/event.h"
#include "http/call.h"
#include "model/client.h"
#include "model/directory.h"

namespace segue::audit {

// `client` may be null.
Event event_of(const http::Call& call, std::string_view type, const model::Client* client);
// Adds who it was.
void set_user(Event& event, const model::User& user, const model::Connection* connection);
// The connection alone, for rows whose user is known by nothing else (contract §7.4). Null: it is gone.
void set_connection(Event& event, const model::Connection* connection);

}  // namespace segue::audit
