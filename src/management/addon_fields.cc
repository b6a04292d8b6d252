#include "management/addon_fields.h"

namespace segue::management {
namespace {

constexpr const char* kNoAddon = "this addon is not served here";
constexpr const char* kOthersKept = "members that are not in this table are kept";
constexpr const char* kNoResponse = "WS-Federation has no response beside the token, which is always signed";
constexpr const char* kNoEncryption = "tokens of WS-Federation are not encrypted here";
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

// Names and bounds; what they must be is said by model/saml_addon.h and saml_addon_rules.h. These describe an assertion, of
// either protocol.
std::vector<Field> assertion_members() {
  const Field probe{.name = "", .description = "Claim", .max_length = kLongestName};
  return {
      text("audience", kLongestName, "Audience of assertions; the Issuer of the request, or its wtrealm, where it is absent"),
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
      allow_transfer(),
  };
}

Field sign_response() { return flag("signResponse", "Whether the response is signed, instead of the assertion"); }
Field sign_assertion() {
  return flag("signAssertion", "Whether the assertion is signed beside the response (not of the live service)");
}
Field signing_cert() {
  return text("signingCert", kLongestCertificate, "Certificate that requests are signed with; then they must be");
}
std::vector<Field> encryption_members() {
  return {text("encryptionCert", kLongestCertificate, "Certificate that assertions are encrypted for"),
          text("encryptionPublicKey", kLongestCertificate, "Key that assertions are encrypted for"),
          one_of("encryptionAlgorithm", {"aes256-gcm", "aes256-cbc"}, "Algorithm of the encryption")};
}
Field logout(std::vector<Field> members = {}) {
  return {.name = "logout",
          .type = Type::object,
          .description = "Single logout",
          .nullable = true,
          .members = std::move(members),
          .open = true};
}
Field single_logout() {
  return member(logout({text("callback", kLongestName, "Where logout requests, and answers to them, are sent"),
                        flag("slo_enabled", "Whether it is told of logouts")}));
}
Field logout_binding() {
  return one_of("binding",
                {"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST", "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"},
                "Binding of logout messages; answers to sign-ins travel by form");
}
Field binding() {
  return kept("answers travel by form, as every service provider takes them",
              {.name = "binding", .description = "Binding of answers", .nullable = true, .max_length = kLongestName});
}

Field addon(std::string name, std::string description, std::vector<Field> members) {
  Field out{.name = std::move(name),
            .type = Type::object,
            .description = std::move(description),
            .nullable = true,
            .members = std::move(members),
            .open = true};
  return enforced(kOthersKept, std::move(out));
}

Field samlp() {
  auto members = assertion_members();
  for (auto& each : {sign_response(), sign_assertion(), signing_cert(), single_logout(), logout_binding()})
    members.push_back(each);
  for (auto& each : encryption_members()) members.push_back(std::move(each));
  return addon("samlp", "SAML 2.0 identity provider", std::move(members));
}

// What would be believed to make a sign-in stricter, and cannot, is refused.
Field wsfed() {
  auto members = assertion_members();
  members.push_back(one_of("tokenType", {"saml2.0", "saml1.1"}, "Which token answers (not of the live service)"));
  members.push_back(refused("false", kNoResponse, sign_response()));
  members.push_back(refused("true", kNoResponse, sign_assertion()));
  members.push_back(refused("", "requests of WS-Federation are not signed", signing_cert()));
  for (auto& each : encryption_members()) members.push_back(refused("", kNoEncryption, std::move(each)));
  members.push_back(refused("{}", "applications of WS-Federation sign out with wsignout1.0, without a setting", logout()));
  members.push_back(binding());
  return addon("wsfed", "WS-Federation identity provider", std::move(members));
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
