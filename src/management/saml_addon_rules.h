// What the settings of a client's addons for SAML and WS-Federation must be (contract §5.8, §5.9): said when they are written,
// not when somebody signs in.
#pragma once
#include "base/result.h"
#include "json/value.h"

namespace segue::management {

base::Outcome check_saml_addon(const json::object& document);
base::Outcome check_wsfed_addon(const json::object& document);

}  // namespace segue::management
