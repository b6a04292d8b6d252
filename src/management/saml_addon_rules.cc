#include "management/saml_addon_rules.h"

#include "crypto/signing_key.h"
#include "management/errors.h"
#include "management/uri.h"
#include "model/wsfed_addon.h"

namespace segue::management {
namespace {

constexpr std::size_t kLongestName = 1024;

bool is_safe_page(const std::string& url) {
  UriParts uri;
  if (!is_callback_url(url) || url.find_first_of("*{") != std::string::npos || !split_uri(url, uri)) return false;
  if (uri.host.empty() || uri.authority.find('@') != std::string::npos) return false;
  const bool is_here = uri.host == "localhost" || uri.host == "127.0.0.1" || uri.host == "[::1]";
  return uri.scheme == "https" || (uri.scheme == "http" && is_here);
}

// One addon of a client, by its name.
class Rules {
 public:
  Rules(std::string name, const json::object& settings) : name_(std::move(name)), settings_(settings) {}

  // What both say of an assertion.
  base::Outcome check_assertion(const model::SamlAddon& addon) const {
    TRY(check_page("destination", addon.destination));
    TRY(check_page("recipient", addon.recipient));
    if (addon.name_identifier_format.empty()) return wrong("nameIdentifierFormat", "a format, or left out");
    if (addon.authn_context_class_ref.empty()) return wrong("authnContextClassRef", "a class, or left out");
    return check_mappings(addon);
  }
  // A certificate (or a key) of the service provider. Its dates are not asked: service providers use theirs for years,
  // self-signed.
  base::Outcome check_key(const std::string& member) const {
    const auto pem = json::find_string(settings_, member).value_or("");
    if (pem.empty() || crypto::VerificationKey::from_public_pem(crypto::SignatureAlgorithm::RS256, pem)) return base::Unit{};
    return wrong(member, "the PEM of a certificate or public key, RSA of 2,048 to 8,192 bits; never a private key");
  }

  // What a logout says of a person goes over TLS, or stays on the developer's machine. Without a certificate nobody can tell
  // whose word it is that somebody signs out, or has: the person is asked, and an answer confirms nothing (docs/decisions/0041).
  base::Outcome check_logout(const model::SamlAddon& addon) const {
    const auto& callback = addon.logout_callback;
    if (!callback.empty() && !is_safe_page(callback))
      return wrong("logout.callback", "one address that begins with https://, or http:// on localhost, without a fragment");
    if (!addon.slo_enabled) return base::Unit{};
    if (callback.empty()) return wrong("logout.callback", "set where logout.slo_enabled is: it is where logouts are told");
    return base::Unit{};
  }

 private:
  base::Error wrong(const std::string& member, const std::string& what, base::Origin origin = base::Origin::here()) const {
    return invalid_body("addons." + name_ + "." + member + " must be " + what + ".", origin);
  }

  // Where answers are posted to, or say that they are: a page of the web.
  base::Outcome check_page(const std::string& member, const std::string& url) const {
    if (url.empty()) return base::Unit{};
    const bool is_page = is_callback_url(url) && (url.starts_with("https://") || url.starts_with("http://"));
    if (!is_page || url.find_first_of("*{#") != std::string::npos)
      return wrong(member, "one address that begins with https:// or http://, without a fragment");
    return base::Unit{};
  }

  base::Outcome check_mappings(const model::SamlAddon& addon) const {
    if (!addon.mappings) return base::Unit{};
    for (const auto& [attribute, claims] : *addon.mappings) {
      bool fits = attribute.size() <= kLongestName && claims.size() <= 16;
      for (const auto& claim : claims) fits = fits && claim.size() <= kLongestName;
      if (!fits) return wrong("mappings", "names of at most 1024 characters, at most 16 claims for an attribute");
    }
    return base::Unit{};
  }

  std::string name_;
  const json::object& settings_;
};

const json::object* settings_of(const json::object& document, std::string_view addon) {
  const auto* const addons = json::find_object(document, "addons");
  return addons != nullptr ? json::find_object(*addons, addon) : nullptr;
}

}  // namespace

base::Outcome check_saml_addon(const json::object& document) {
  const auto* const settings = settings_of(document, "samlp");
  if (settings == nullptr) return base::Unit{};
  const auto addon = model::saml_addon_from(*settings);
  if (!addon.ok()) return invalid_body(addon.error().description);
  const Rules rules("samlp", *settings);
  for (const auto* const member : {"signingCert", "encryptionCert", "encryptionPublicKey"}) TRY(rules.check_key(member));
  TRY(rules.check_logout(*addon));
  return rules.check_assertion(*addon);
}

base::Outcome check_wsfed_addon(const json::object& document) {
  const auto* const settings = settings_of(document, "wsfed");
  if (settings == nullptr) return base::Unit{};
  const auto addon = model::wsfed_addon_from(*settings);
  if (!addon.ok()) return invalid_body(addon.error().description);
  return Rules("wsfed", *settings).check_assertion(addon->assertion);
}

}  // namespace segue::management
