#include "management/addon_fields.h"

namespace segue::management {
namespace {

constexpr const char* kNoAddon = "this addon is not served here";
constexpr const char* kNoWsFederation = "WS-Federation is not served here yet";
constexpr const char* kNoSingleLogout = "single logout is not served here yet";
constexpr std::size_t kLongestName = 1024, kLongestCertificate = 4096;

Field member(Field field) {
  field.nullable = true;
  return enforced(std::move(field));
}
Field text(std::string name, std::size_t most, std::string description) {
  return member({.name = std::move(name), .description = std::move(description), .max_length = most});
}
Field flag(std::string name, std::string description) {
  return member({.name = std::move(name), .type = Type::boolean, .description = std::move(description)});
}
Field one_of(std::string name, std::vector<std::string> values, std::string description) {
  return member({.name = std::move(name), .description = std::move(description), .one_of = std::move(values)});
}

Field allow_transfer() {
  return flag("allow_transfer_on_idp_initiated",
              "Whether a session transfer token counts on a sign-in that nobody asked for (not of the live service)");
}

// Names and bounds; what they must be is said by model/saml_addon.h and saml_addon_rules.h.
Field samlp() {
  const Field probe{.name = "", .description = "Claim", .max_length = kLongestName};
  std::vector<Field> members = {
      text("audience", kLongestName, "Audience of assertions; the request's Issuer where it is absent"),
      text("recipient", kLongestName, "Recipient of assertions; the consumer URL where it is absent"),
      text("destination", kLongestName, "Consumer URL where the request names none"),
      text("issuer", kLongestName, "Issuer of answers; urn: and the tenant's domain where it is absent"),
      member({.name = "mappings",
              .type = Type::object,
              .description = "Attributes of the user and the claims that they become",
              .max_length = 100,
              .open = true}),
      flag("createUpnClaim", "Whether the email becomes the claim upn"),
      flag("mapUnknownClaimsAsIs", "Whether attributes without a mapping keep their names"),
      flag("passthroughClaimsWithNoMapping", "Whether attributes without a mapping are passed on"),
      flag("mapIdentities", "Whether the identity that signed in becomes claims"),
      one_of("signatureAlgorithm", {"rsa-sha256", "rsa-sha1"}, "Algorithm of signatures"),
      one_of("digestAlgorithm", {"sha256", "sha1"}, "Algorithm of digests"),
      member({.name = "lifetimeInSeconds",
              .type = Type::integer,
              .description = "Life of assertions",
              .minimum = 1,
              .maximum = 2592000}),
      flag("signResponse", "Whether the response is signed, instead of the assertion"),
      flag("signAssertion", "Whether the assertion is signed beside the response (not of the live service)"),
      text("nameIdentifierFormat", kLongestName, "Format of the NameID"),
      member({.name = "nameIdentifierProbes",
              .type = Type::array,
              .description = "Claims that may be the NameID, in order",
              .min_length = 1,
              .max_length = 100,
              .items = {probe}}),
      text("authnContextClassRef", kLongestName, "Class of the sign-in that assertions name"),
      flag("typedAttributes", "Whether values say their types"),
      flag("includeAttributeNameFormat", "Whether attributes say the format of their names"),
      text("signingCert", kLongestCertificate, "Certificate that requests are signed with; then they must be"),
      text("encryptionCert", kLongestCertificate, "Certificate that assertions are encrypted for"),
      text("encryptionPublicKey", kLongestCertificate, "Key that assertions are encrypted for"),
      one_of("encryptionAlgorithm", {"aes256-gcm", "aes256-cbc"}, "Algorithm of the encryption"),
      allow_transfer(),
      kept(kNoSingleLogout,
           {.name = "logout", .type = Type::object, .description = "Single logout", .nullable = true, .open = true}),
      kept("answers travel by form, as every service provider takes them",
           {.name = "binding", .description = "Binding of answers", .nullable = true, .max_length = kLongestName}),
  };
  Field out{.name = "samlp", .type = Type::object, .description = "SAML 2.0 identity provider", .members = std::move(members)};
  out.open = true;
  out.nullable = true;
  return enforced("members that are not in this table are kept", std::move(out));
}

Field wsfed() {
  Field out{.name = "wsfed", .type = Type::object, .description = "WS-Federation", .members = {allow_transfer()}};
  out.open = true;
  out.nullable = true;
  return kept(kNoWsFederation, std::move(out));
}

}  // namespace

Field addons_field() {
  std::vector<Field> members;
  for (const auto* name :
       {"aws", "azure_blob", "azure_sb", "rms", "mscrm", "slack", "sentry", "box", "cloudbees", "concur", "dropbox", "echosign",
        "egnyte", "firebase", "newrelic", "office365", "salesforce", "salesforce_api", "salesforce_sandbox_api"})
    members.push_back(
        kept(kNoAddon, {.name = name, .type = Type::object, .description = "Addon settings", .nullable = true, .open = true}));
  members.push_back(samlp());
  for (const auto* name : {"layer", "sap_api", "sharepoint", "springcm", "wams"})
    members.push_back(
        kept(kNoAddon, {.name = name, .type = Type::object, .description = "Addon settings", .nullable = true, .open = true}));
  members.push_back(wsfed());
  for (const auto* name : {"zendesk", "zoom", "sso_integration", "oag"})
    members.push_back(
        kept(kNoAddon, {.name = name, .type = Type::object, .description = "Addon settings", .nullable = true, .open = true}));
  return {.name = "addons",
          .type = Type::object,
          .description = "Addons of the client",
          .nullable = true,
          .members = std::move(members)};
}

}  // namespace segue::management
