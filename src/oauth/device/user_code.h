// The code that a person carries from a device to a browser (RFC 8628 §6.1, contract §5.4).
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "json/value.h"
#include "model/session_graph.h"
#include "tenancy/snapshot.h"

namespace segue::oauth {

// The tenant setting device_flow: which characters, and how they are set. A format too short to resist guessing is not used.
struct UserCodeFormat {
  std::string_view alphabet;
  std::string mask;  // each * is a character
};
UserCodeFormat user_code_format(const json::object& tenant_settings);
// As it is shown: "WDJB-MJHT".
std::string make_user_code(base::Random& random, const UserCodeFormat& format);

// A normalised code as the device shows it, when it is of this format; else as it stands.
std::string shown_user_code(std::string_view normalised, const UserCodeFormat& format);

// What a person typed, in the one spelling that is hashed: upper case, letters and digits only. Nothing when no code looks so.
// A format that the tenant has changed since does not matter.
std::optional<std::string> normalised_user_code(std::string_view typed);
// Keyed, for a code is short enough that its plain hash could be searched.
model::Digest user_code_hash(const tenancy::TenantKeys& keys, std::string_view normalised);

}  // namespace segue::oauth
