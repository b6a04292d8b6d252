// The settings of back-channel logout (contract §5.3, §9.6 oidc_logout): whom a session's end is told, and which ends.
#pragma once
#include "base/result.h"
#include "json/value.h"

namespace segue::management {

// A body under the deprecated name oidc_backchannel_logout is one under oidc_logout.
base::Result<json::object> with_current_logout_name(json::object body);
// One URL, https, with a host that others can reach; this machine and private addresses only where outbound calls may go there.
base::Outcome check_backchannel_logout(const json::object& document, bool allow_private);

}  // namespace segue::management
