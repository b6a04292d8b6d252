// Where a request came from, as evidence for logs, binding and Actions.
#pragma once
#include <memory>

#include "audit/event.h"
#include "geoip/geoip.h"
#include "http/call.h"
#include "model/client.h"
#include "model/directory.h"
#include "model/session_graph.h"

namespace segue::oauth {

// The caller's address as the proxies vouch for it, with its ASN and place.
model::RequestOrigin origin_of(const http::Call& call, const geoip::GeoIp& geoip);
// A log row with the fields that every row of a request has. `client` may be null.
audit::Event event_of(const http::Call& call, std::string_view type, const model::Client* client);
// Adds who it was.
void set_user(audit::Event& event, const model::User& user, const model::Connection* connection);

}  // namespace segue::oauth
