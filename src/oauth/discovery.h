// Discovery and keys (OIDC Discovery §4, RFC 8414, contract §5.2). Names only what exists.
#pragma once
#include "base/result.h"
#include "http/call.h"
#include "tenancy/tenants.h"

namespace segue::oauth {

base::Result<http::Response> discovery_document(const tenancy::Snapshot& tenant, const http::Call& call);
base::Result<http::Response> json_web_key_set(const tenancy::Snapshot& tenant);

}  // namespace segue::oauth
