#include "management/saml_addon_rules.h"

#include "crypto/signing_key.h"
#include "management/errors.h"
#include "management/uri.h"
#include "model/saml_addon.h"

namespace segue::management {
namespace {

constexpr std::size_t kLongestName = 1024;

base::Error wrong(const std::string& member, const std::string& what, base::Origin origin = base::Origin::here()) {
  return invalid_body("addons.samlp." + member + " must be " + what + ".", origin);
}

// Where answers are posted to, or say that they are: a page of the web.
base::Outcome check_page(const std::string& member, const std::string& url) {
  if (url.empty()) return base::Unit{};
  const bool is_page = is_callback_url(url) && (url.starts_with("https://") || url.starts_with("http://"));
  if (!is_page || url.find_first_of("*{#") != std::string::npos)
    return wrong(member, "one address that begins with https:// or http://, without a fragment");
  return base::Unit{};
}

// A certificate (or a key) of the service provider. Its dates are not asked: service providers use theirs for years, self-signed.
base::Outcome check_key(const std::string& member, const std::string& pem) {
  if (pem.empty() || crypto::VerificationKey::from_public_pem(crypto::SignatureAlgorithm::RS256, pem)) return base::Unit{};
  return wrong(member, "the PEM of a certificate or public key, RSA of 2,048 to 8,192 bits; never a private key");
}

base::Outcome check_mappings(const model::SamlAddon& addon) {
  if (!addon.mappings) return base::Unit{};
  for (const auto& [attribute, claims] : *addon.mappings) {
    bool fits = attribute.size() <= kLongestName && claims.size() <= 16;
    for (const auto& claim : claims) fits = fits && claim.size() <= kLongestName;
    if (!fits) return wrong("mappings", "names of at most 1024 characters, at most 16 claims for an attribute");
  }
  return base::Unit{};
}

}  // namespace

base::Outcome check_saml_addon(const json::object& document) {
  const auto* const addons = json::find_object(document, "addons");
  const auto* const settings = addons != nullptr ? json::find_object(*addons, "samlp") : nullptr;
  if (settings == nullptr) return base::Unit{};
  const auto addon = model::saml_addon_from(*settings);
  if (!addon.ok()) return invalid_body(addon.error().description);
  TRY(check_page("destination", addon->destination));
  TRY(check_page("recipient", addon->recipient));
  TRY(check_key("signingCert", addon->signing_cert));
  for (const auto* const member : {"encryptionCert", "encryptionPublicKey"})
    TRY(check_key(member, json::find_string(*settings, member).value_or("")));
  if (addon->name_identifier_format.empty()) return wrong("nameIdentifierFormat", "a format, or left out");
  if (addon->authn_context_class_ref.empty()) return wrong("authnContextClassRef", "a class, or left out");
  return check_mappings(*addon);
}

}  // namespace segue::management
