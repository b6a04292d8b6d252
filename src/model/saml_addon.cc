#include "model/saml_addon.h"

#include <array>

namespace segue::model {
namespace {

constexpr std::int64_t kLongestLifetime = 30 * 24 * 3600;

base::Error wrong(std::string_view name, std::string_view what) {
  return {.kind = base::ErrorKind::invalid_input,
          .code = "invalid_body",
          .description = std::string(name) + " must be " + std::string(what) + "."};
}

// The member, when it is there and not null, which unsets.
const json::value* member(const json::object& o, std::string_view name) {
  const auto* const found = json::find(o, name);
  return found == nullptr || found->is_null() ? nullptr : found;
}

base::Outcome read(const json::object& o, std::string_view name, std::string& out) {
  const auto* const found = member(o, name);
  if (found == nullptr) return base::Unit{};
  if (!found->is_string()) return wrong(name, "a string");
  out = json::to_view(found->get_string());
  return base::Unit{};
}

base::Outcome read(const json::object& o, std::string_view name, bool& out) {
  const auto* const found = member(o, name);
  if (found == nullptr) return base::Unit{};
  if (!found->is_bool()) return wrong(name, "true or false");
  out = found->get_bool();
  return base::Unit{};
}

// "rsa-sha1" or "rsa-sha256"; "sha1" or "sha256".
base::Outcome read_algorithm(const json::object& o, std::string_view name, const std::string& prefix, bool& sha1) {
  std::string text;
  TRY(read(o, name, text));
  if (text.empty()) return base::Unit{};
  if (text != prefix + "sha1" && text != prefix + "sha256")
    return wrong(name, "\"" + prefix + "sha256\" or \"" + prefix + "sha1\"");
  sha1 = text == prefix + "sha1";
  return base::Unit{};
}

base::Result<std::vector<std::string>> read_strings(const json::value& value, std::string_view name) {
  if (!value.is_array()) return wrong(name, "a list of strings");
  std::vector<std::string> out;
  for (const auto& item : value.get_array()) {
    if (!item.is_string()) return wrong(name, "a list of strings");
    out.emplace_back(json::to_view(item.get_string()));
  }
  return out;
}

base::Outcome read_mappings(const json::object& o, SamlAddon& out) {
  const auto* const found = member(o, "mappings");
  if (found == nullptr) return base::Unit{};
  if (!found->is_object()) return wrong("mappings", "an object");
  if (found->get_object().empty()) return base::Unit{};
  out.mappings.emplace();
  for (const auto& entry : found->get_object()) {
    const std::string name(entry.key().data(), entry.key().size());
    const auto& value = entry.value();
    const auto field = "mappings." + name;
    if (value.is_string()) {
      out.mappings->push_back({name, {std::string(json::to_view(value.get_string()))}});
    } else {
      auto claims = TRY(read_strings(value, field));
      out.mappings->push_back({name, std::move(claims)});
    }
    for (const auto& claim : out.mappings->back().second) {
      if (claim.empty()) return wrong(field, "the name of a claim");
    }
  }
  return base::Unit{};
}

base::Outcome read_lifetime(const json::object& o, SamlAddon& out) {
  if (member(o, "lifetimeInSeconds") == nullptr) return base::Unit{};
  const auto seconds = json::find_integer(o, "lifetimeInSeconds");
  if (!seconds || *seconds < 1 || *seconds > kLongestLifetime)
    return wrong("lifetimeInSeconds", "a number from 1 to " + std::to_string(kLongestLifetime));
  out.lifetime_in_seconds = *seconds;
  return base::Unit{};
}

// One key, whichever of the two names it has: a certificate is its key here.
base::Outcome read_encryption(const json::object& o, SamlAddon& out) {
  std::string certificate, algorithm;
  TRY(read(o, "encryptionCert", certificate));
  TRY(read(o, "encryptionPublicKey", out.encryption_key));
  if (!certificate.empty()) out.encryption_key = std::move(certificate);
  TRY(read(o, "encryptionAlgorithm", algorithm));
  if (!algorithm.empty() && algorithm != "aes256-gcm" && algorithm != "aes256-cbc")
    return wrong("encryptionAlgorithm", "\"aes256-gcm\" or \"aes256-cbc\"");
  out.encrypts_by_cbc = algorithm == "aes256-cbc";
  return base::Unit{};
}

base::Outcome read_logout(const json::object& o, SamlAddon& out) {
  constexpr std::string_view kPost = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";
  constexpr std::string_view kRedirect = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
  std::string binding;
  TRY(read(o, "binding", binding));
  if (!binding.empty()) {
    if (binding != kPost && binding != kRedirect)
      return wrong("binding", "\"" + std::string(kPost) + "\" or \"" + std::string(kRedirect) + "\"");
    out.posts_logout = binding == kPost;
  }
  const auto* const found = member(o, "logout");
  if (found == nullptr) return base::Unit{};
  if (!found->is_object()) return wrong("logout", "an object");
  TRY(read(found->get_object(), "callback", out.logout_callback));
  TRY(read(found->get_object(), "slo_enabled", out.slo_enabled));
  return base::Unit{};
}

base::Outcome read_signed_parts(const json::object& o, SamlAddon& out) {
  TRY(read(o, "signResponse", out.sign_response));
  out.sign_assertion = !out.sign_response;
  TRY(read(o, "signAssertion", out.sign_assertion));
  if (!out.sign_response && !out.sign_assertion) return wrong("signAssertion", "true where signResponse is not");
  return base::Unit{};
}

base::Result<SamlAddon> read_addon(const json::object& addon) {
  SamlAddon out;
  const std::array<std::pair<const char*, std::string*>, 7> texts{{{"audience", &out.audience},
                                                                   {"recipient", &out.recipient},
                                                                   {"destination", &out.destination},
                                                                   {"issuer", &out.issuer},
                                                                   {"nameIdentifierFormat", &out.name_identifier_format},
                                                                   {"authnContextClassRef", &out.authn_context_class_ref},
                                                                   {"signingCert", &out.signing_cert}}};
  for (const auto& [name, field] : texts) TRY(read(addon, name, *field));
  const std::array<std::pair<const char*, bool*>, 6> flags{
      {{"createUpnClaim", &out.create_upn_claim},
       {"passthroughClaimsWithNoMapping", &out.passthrough_claims_with_no_mapping},
       {"mapUnknownClaimsAsIs", &out.map_unknown_claims_as_is},
       {"mapIdentities", &out.map_identities},
       {"typedAttributes", &out.typed_attributes},
       {"includeAttributeNameFormat", &out.include_attribute_name_format}}};
  for (const auto& [name, field] : flags) TRY(read(addon, name, *field));
  TRY(read_mappings(addon, out));
  TRY(read_algorithm(addon, "signatureAlgorithm", "rsa-", out.sha1_signature));
  TRY(read_algorithm(addon, "digestAlgorithm", "", out.sha1_digest));
  TRY(read_lifetime(addon, out));
  TRY(read_signed_parts(addon, out));
  TRY(read_logout(addon, out));
  TRY(read_encryption(addon, out));
  if (const auto* const probes = member(addon, "nameIdentifierProbes")) {
    out.name_identifier_probes = TRY(read_strings(*probes, "nameIdentifierProbes"));
    if (out.name_identifier_probes.empty()) return wrong("nameIdentifierProbes", "a list of at least one claim");
  }
  return out;
}

}  // namespace

base::Result<SamlAddon> saml_addon_from(const json::object& addon, std::string_view name) {
  auto out = read_addon(addon);
  if (!out.ok()) out.error().description = "addons." + std::string(name) + "." + out.error().description;
  return out;
}

}  // namespace segue::model
