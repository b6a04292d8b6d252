// A device that waits for a person to sign in elsewhere (RFC 8628).
#pragma once
#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/ids.h"

namespace segue::model {

enum class DeviceState {
  pending,   // waits for the person
  approved,  // the person signed in; the device has not come for its tokens
  denied,    // the person, or a stage of the sign-in, said no
  consumed,  // the device has its tokens
  expired,   // the device was told so
};

struct DeviceCode {
  base::RowId device_code_id{};
  std::string client_id, scope, audience;  // as asked for
  DeviceState state = DeviceState::pending;
  std::int64_t interval_seconds = 5;
  base::RowId authorization_code_id{};  // of the sign-in that approved it; zero until then
  base::Instant created_at{}, expires_at{};
};

}  // namespace segue::model
