// What a client's SAML2 addon says (contract §5.8): `addons.samlp`, with the wire's names and defaults. Two differ on purpose:
// SHA-256 where nothing is said, and both parts signed where both are asked for.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "json/value.h"

namespace segue::model {

struct SamlAddon {
  // Empty: what the request says, or the client's first callback, or the tenant's own.
  std::string audience, recipient, destination, issuer;
  // Attribute of the user → names of claims. Absent, or without an entry: the usual ones (assertions/claims.h).
  using Mappings = std::vector<std::pair<std::string, std::vector<std::string>>>;
  std::optional<Mappings> mappings = {};
  bool create_upn_claim = true;
  bool passthrough_claims_with_no_mapping = true;
  bool map_unknown_claims_as_is = false;  // else behind http://schemas.auth0.com/
  bool map_identities = true;
  bool sha1_signature = false, sha1_digest = false;
  std::int64_t lifetime_in_seconds = 3600;
  bool sign_response = false;
  bool sign_assertion = true;  // `signAssertion`, ours: false by default where the response is signed
  std::string name_identifier_format = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified";
  std::vector<std::string> name_identifier_probes = {"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier",
                                                     "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
                                                     "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name"};
  std::string authn_context_class_ref = "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified";
  bool typed_attributes = true;
  bool include_attribute_name_format = true;
  std::string logout_callback;
  bool slo_enabled = false;
  // `binding`: how its logout messages travel. Absent: requests by redirect, answers as they were asked for.
  std::optional<bool> posts_logout = {};
  std::string signing_cert;  // PEM; then requests must be signed
  // `encryptionCert` or `encryptionPublicKey`, PEM: then only the service provider can read the assertion.
  std::string encryption_key;
  bool encrypts_by_cbc = false;  // `encryptionAlgorithm` aes256-cbc, else aes256-gcm
};

// Errors name the field and what it may be. `name`: of the addon.
base::Result<SamlAddon> saml_addon_from(const json::object& addon, std::string_view name = "samlp");

}  // namespace segue::model
