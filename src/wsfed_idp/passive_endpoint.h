// GET and POST /wsfed and /wsfed/{client_id}: where relying parties of WS-Federation send people to sign in and out (contract
// §5.9, docs/decisions/0040).
#pragma once
#include "base/result.h"
#include "http/call.h"
#include "wsfed_idp/services.h"

namespace segue::wsfed_idp {

inline constexpr std::size_t kFormLimit = 64 * 1024;

base::Result<http::Response> passive_endpoint(const Services& services, http::Call& call);

}  // namespace segue::wsfed_idp
