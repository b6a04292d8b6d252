#include "model/wsfed_addon.h"

namespace segue::model {

base::Result<WsfedAddon> wsfed_addon_from(const json::object& addon) {
  WsfedAddon out;
  out.assertion = TRY(saml_addon_from(addon, "wsfed"));
  const auto* const type = json::find(addon, "tokenType");
  if (type == nullptr || type->is_null()) return out;
  out.saml_1_1 = *type == "saml1.1";
  if (!out.saml_1_1 && *type != "saml2.0") {
    return base::Error{.kind = base::ErrorKind::invalid_input,
                       .code = "invalid_body",
                       .description = "addons.wsfed.tokenType must be \"saml2.0\" or \"saml1.1\"."};
  }
  return out;
}

}  // namespace segue::model
