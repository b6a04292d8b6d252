// Which clients may use the device flow.
#pragma once
#include "base/result.h"
#include "model/client.h"

namespace segue::oauth {

inline constexpr std::string_view kDeviceGrant = "urn:ietf:params:oauth:grant-type:device_code";

// contract §3.4: a native application without a secret that has the grant. Asked when the flow begins, when the person confirms
// and when the device comes for its tokens.
base::Outcome check_device_client(const model::Client& client);

}  // namespace segue::oauth
