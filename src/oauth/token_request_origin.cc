#include "oauth/token_request_origin.h"

#include "base/text.h"
#include "http/caller_address.h"
#include "oauth/origin.h"

namespace segue::oauth {

model::RequestOrigin origin_of(const TokenRequest& request, const geoip::GeoIp& geoip) {
  auto origin = origin_of(request.call, geoip);
  if (!request.client.is_confidential() || !request.client->is_token_endpoint_ip_header_trusted) return origin;
  const auto header = request.call.request.headers.find("auth0-forwarded-for");
  if (!header) return origin;
  // Something that is no address leaves the address unknown: unknown denies (design §8.8).
  origin.ip = http::canonical_address(base::trim(*header)).value_or("");
  origin.asn = origin.ip.empty() ? std::nullopt : geoip.asn(origin.ip);
  origin.geoip = origin.ip.empty() ? json::object{} : geoip.place(origin.ip);
  return origin;
}

}  // namespace segue::oauth
