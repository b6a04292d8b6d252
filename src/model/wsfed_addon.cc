#include "model/wsfed_addon.h"

namespace segue::model {
namespace {

base::Error refused(const std::string& member, const std::string& what) {
  return {.kind = base::ErrorKind::invalid_input,
          .code = "invalid_body",
          .description = "addons.wsfed." + member + " must be " + what + "."};
}

}  // namespace

base::Result<WsfedAddon> wsfed_addon_from(const json::object& addon) {
  WsfedAddon out;
  out.assertion = TRY(saml_addon_from(addon, "wsfed"));
  // Said, not ignored: whoever sets it wants nobody else to read the token.
  if (!out.assertion.encryption_key.empty())
    return refused("encryptionCert", "left out: WS-Federation's tokens are not encrypted");
  const auto* const type = json::find(addon, "tokenType");
  if (type == nullptr || type->is_null()) return out;
  out.saml_1_1 = *type == "saml1.1";
  if (!out.saml_1_1 && *type != "saml2.0") return refused("tokenType", "\"saml2.0\" or \"saml1.1\"");
  return out;
}

}  // namespace segue::model
