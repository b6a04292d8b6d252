// What a client's WS-Federation addon says: `addons.wsfed`. Its members are those of `addons.samlp` that describe an assertion
// (model/saml_addon.h), which Auth0 keeps in rules, and `tokenType`, a name of ours.
#pragma once
#include "model/saml_addon.h"

namespace segue::model {

struct WsfedAddon {
  SamlAddon assertion;
  bool saml_1_1 = false;  // `tokenType`: "saml1.1", else "saml2.0"
};

// Errors name the field and what it may be.
base::Result<WsfedAddon> wsfed_addon_from(const json::object& addon);

}  // namespace segue::model
