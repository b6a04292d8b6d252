#include "assertions/answer.h"

#include <chrono>

#include "saml_messages/names.h"

namespace segue::assertions {
namespace {

// Service providers allow clocks to differ by nothing (node-saml) to some minutes: the assertion is good a little before it is
// made.
constexpr auto kBefore = std::chrono::minutes(1);

base::Error unfit(std::string why) { return saml_messages::refused(std::move(why)); }

const std::string& or_else(const std::string& first, const std::string& second) { return first.empty() ? second : first; }

saml_messages::Signed signed_part_of(const model::SamlAddon& addon) {
  if (!addon.sign_response) return saml_messages::Signed::assertion;
  return addon.sign_assertion ? saml_messages::Signed::both : saml_messages::Signed::response;
}

std::vector<saml_messages::Attribute> attributes_of(const SignedIn& signed_in, const model::SamlAddon& addon) {
  auto out = claims_of(signed_in.person, addon);
  add_attributes(out, signed_in.extra_attributes, addon);
  return out;
}

base::Result<saml_messages::Assertion> assertion_of(const Asked& asked, const SignedIn& signed_in, const model::SamlAddon& addon,
                                                    const Self& self, const Occasion& occasion) {
  const auto& audience = or_else(addon.audience, asked.audience);
  // An assertion without an audience would be good everywhere.
  if (audience.empty()) return unfit("Nobody says for whom this sign-in is. Set addons.samlp.audience of the application.");
  saml_messages::Assertion out;
  out.attributes = attributes_of(signed_in, addon);
  auto name_id = name_id_of(out.attributes, signed_in.person, addon);
  if (!name_id) {
    return unfit(
        "The user has none of the claims that may be the NameID. Set nameIdentifierProbes in the addon of the application to a "
        "claim that every user has.");
  }
  out.id = occasion.assertion_id;
  out.issuer = or_else(addon.issuer, self.entity_id);
  out.issue_instant = occasion.now;
  out.subject = std::move(*name_id);
  out.recipient = or_else(addon.recipient, asked.consumer_url);
  out.in_response_to = asked.request_id;
  out.audience = audience;
  out.not_before = occasion.now - kBefore;
  out.not_on_or_after = occasion.now + std::chrono::seconds(addon.lifetime_in_seconds);
  out.authn_instant = signed_in.authn_instant;
  out.session_index = signed_in.session_index;
  out.session_not_on_or_after = signed_in.session_expires_at;
  out.authn_context = addon.authn_context_class_ref;
  out.typed_attributes = addon.typed_attributes;
  return out;
}

saml_messages::Response response_of(const Asked& asked, const model::SamlAddon& addon, const Self& self,
                                    const Occasion& occasion) {
  return {.id = occasion.response_id,
          .issuer = or_else(addon.issuer, self.entity_id),
          .issue_instant = occasion.now,
          .destination = asked.consumer_url,  // where it is sent, always (SAML bindings §3.5.5.2)
          .in_response_to = asked.request_id};
}

}  // namespace

xml::SignatureForm form_of(const model::SamlAddon& addon) {
  return {.signature = addon.sha1_signature ? xml::SignatureAlgorithm::rsa_sha1 : xml::SignatureAlgorithm::rsa_sha256,
          .digest = addon.sha1_digest ? xml::DigestAlgorithm::sha1 : xml::DigestAlgorithm::sha256};
}

base::Result<SamlResponse> saml_response(const Asked& asked, const SignedIn& signed_in, const model::SamlAddon& addon,
                                         const Self& self, const Occasion& occasion) {
  const auto assertion = TRY(assertion_of(asked, signed_in, addon, self, occasion));
  const saml_messages::Protection protection{
      .key = self.key,
      .signed_part = signed_part_of(addon),
      .form = form_of(addon),
      .encrypt_for = self.encrypt_for,
      .cipher = addon.encrypts_by_cbc ? xml::ContentCipher::aes256_cbc : xml::ContentCipher::aes256_gcm};
  return SamlResponse{.xml = saml_messages::write_response(response_of(asked, addon, self, occasion), assertion, protection),
                      .subject = assertion.subject};
}

base::Result<std::string> wresult(const Asked& asked, const SignedIn& signed_in, const model::SamlAddon& addon, const Self& self,
                                  const Occasion& occasion, saml_messages::TokenType type) {
  const auto assertion = TRY(assertion_of(asked, signed_in, addon, self, occasion));
  return saml_messages::write_wresult(assertion, type, self.key, form_of(addon));
}

saml_messages::Status status_of(const base::Error& error) {
  namespace status = saml_messages::status;
  const auto told = [&](std::string_view code, std::string_view sub_code) {
    return saml_messages::Status{.code = std::string(code), .sub_code = std::string(sub_code), .message = error.description};
  };
  // OIDC Core §3.1.2.6: a request that allows no page, and needs one.
  for (const auto* const code : {"login_required", "interaction_required", "consent_required", "account_selection_required"}) {
    if (error.code == code) return told(status::kResponder, status::kNoPassive);
  }
  if (error.code == "unmet_authentication_requirements") return told(status::kResponder, status::kNoAuthnContext);
  if (error.code == "access_denied" || error.code == "unauthorized") return told(status::kResponder, status::kRequestDenied);
  if (error.kind == base::ErrorKind::invalid_input) return told(status::kRequester, status::kRequestUnsupported);
  return told(status::kResponder, status::kAuthnFailed);
}

std::string saml_refusal(const Asked& asked, const base::Error& error, const model::SamlAddon& addon, const Self& self,
                         const Occasion& occasion) {
  return saml_messages::write_error(response_of(asked, addon, self, occasion), status_of(error), &self.key, form_of(addon));
}

}  // namespace segue::assertions
