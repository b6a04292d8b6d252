// The one switch that makes a refresh exchange issue a session transfer token (contract §1.3).
#pragma once
#include <string_view>

#include "tenancy/snapshot.h"

namespace segue::oauth {

enum class TransferAudience { absent, ours, foreign };
// `urn:{host}:session_transfer`, where host is any domain of the tenant with or without its port: SDKs differ in that.
TransferAudience transfer_audience(const tenancy::Snapshot& tenant, std::string_view audience);

}  // namespace segue::oauth
