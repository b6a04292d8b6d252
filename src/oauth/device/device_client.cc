#include "oauth/device/device_client.h"

#include "oauth/errors.h"

namespace segue::oauth {

base::Outcome check_device_client(const model::Client& client) {
  if (!client.allows_grant(kDeviceGrant))
    return unauthorized_client("Grant type '" + std::string(kDeviceGrant) + "' not allowed for the client.");
  if (client.app_type != model::AppType::native || !client.is_public()) {
    return unauthorized_client(
        "The device flow is for native applications without a secret: set app_type \"native\" and token_endpoint_auth_method "
        "\"none\".");
  }
  return base::Unit{};
}

}  // namespace segue::oauth
