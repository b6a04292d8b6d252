// Where the person behind a token request is, for device binding, limits and logs (design §4 "Device binding").
#pragma once
#include "geoip/geoip.h"
#include "model/session_graph.h"
#include "oauth/token_endpoint.h"

namespace segue::oauth {

// The address that our proxies vouch for; or what a confidential client with is_token_endpoint_ip_header_trusted, which asks on a
// person's behalf, says in auth0-forwarded-for (contract §1.9, §3.1). That header of anybody else is not read.
model::RequestOrigin origin_of(const TokenRequest& request, const geoip::GeoIp& geoip);

}  // namespace segue::oauth
