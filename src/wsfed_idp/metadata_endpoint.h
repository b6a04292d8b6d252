// Federation metadata: what a relying party is set up with (WS-Federation §3.1, contract §5.9), of the tenant and of one client.
#pragma once
#include "base/result.h"
#include "http/call.h"
#include "wsfed_idp/services.h"

namespace segue::wsfed_idp {

base::Result<http::Response> federation_metadata(const Services& services, const http::Call& call);

}  // namespace segue::wsfed_idp
