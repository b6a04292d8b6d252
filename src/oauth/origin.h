// Where a request came from, as evidence for logs, binding and Actions.
#pragma once
#include <memory>

#include "audit/event_of.h"
#include "geoip/geoip.h"
#include "http/call.h"
#include "model/client.h"
#include "model/directory.h"
#include "model/session_graph.h"

namespace segue::oauth {

// The caller's address as the proxies vouch for it, with its ASN and place.
model::RequestOrigin origin_of(const http::Call& call, const geoip::GeoIp& geoip);
using audit::event_of;
using audit::set_connection;
using audit::set_user;
// What was revoked, of `srrt` (contract §7.1): `sid` is empty for a family without a session.
json::object revoked_details(const model::RefreshTokenFamily& family, const std::string& sid);

}  // namespace segue::oauth
