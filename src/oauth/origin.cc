#include "oauth/origin.h"

#include "base/text.h"

namespace segue::oauth {

model::RequestOrigin origin_of(const http::Call& call, const geoip::GeoIp& geoip) {
  model::RequestOrigin out;
  out.ip = call.caller_address;
  if (!out.ip.empty()) {
    out.asn = geoip.asn(out.ip);
    out.geoip = geoip.place(out.ip);
  }
  out.user_agent = base::shortened(call.user_agent(), 512);
  return out;
}

json::object revoked_details(const model::RefreshTokenFamily& family, const std::string& sid) {
  return {{"credential_id", family.public_id},
          {"session_id", sid},
          {"audience", family.audience},
          {"organization_id", family.organization_id},
          {"refresh_token", json::object{{"access", family.online ? "online" : "offline"}, {"session_id", sid}}}};
}

}  // namespace segue::oauth
