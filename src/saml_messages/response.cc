#include "saml_messages/response.h"

#include "saml_messages/names.h"

namespace segue::saml_messages {
namespace {

constexpr std::string_view kBearer = "urn:oasis:names:tc:SAML:2.0:cm:bearer";

void write_subject(xml::Writer& out, const Assertion& assertion) {
  auto name_id = assertion.subject;
  name_id.value = with_line_feeds(name_id.value);
  out.open("saml:Subject");
  write_name_id(out, name_id);
  out.open("saml:SubjectConfirmation").attribute("Method", kBearer).open("saml:SubjectConfirmationData");
  out.attribute("NotOnOrAfter", time_text(assertion.not_on_or_after)).attribute("Recipient", assertion.recipient);
  if (!assertion.in_response_to.empty()) out.attribute("InResponseTo", assertion.in_response_to);
  out.close().close().close();
}

void write_conditions(xml::Writer& out, const Assertion& assertion) {
  out.open("saml:Conditions").attribute("NotBefore", time_text(assertion.not_before));
  out.attribute("NotOnOrAfter", time_text(assertion.not_on_or_after));
  out.open("saml:AudienceRestriction").leaf("saml:Audience", assertion.audience).close().close();
}

void write_authn_statement(xml::Writer& out, const Assertion& assertion) {
  out.open("saml:AuthnStatement").attribute("AuthnInstant", time_text(assertion.authn_instant));
  out.attribute("SessionIndex", assertion.session_index);
  if (assertion.session_not_on_or_after) out.attribute("SessionNotOnOrAfter", time_text(*assertion.session_not_on_or_after));
  out.open("saml:AuthnContext");
  out.leaf("saml:AuthnContextClassRef", assertion.authn_context).close().close();
}

void write_attributes(xml::Writer& out, const Assertion& assertion) {
  if (assertion.attributes.empty()) return;  // the statement may not be empty
  out.open("saml:AttributeStatement");
  for (const auto& attribute : assertion.attributes) {
    out.open("saml:Attribute").attribute("Name", attribute.name);
    if (!attribute.name_format.empty()) out.attribute("NameFormat", attribute.name_format);
    for (const auto& value : attribute.values) {
      out.open("saml:AttributeValue");
      // The declarations stand here, where the value's prefix is: canonical form does not see prefixes in values.
      if (assertion.typed_attributes) {
        out.declare("xs", kXmlSchema).declare("xsi", kXmlSchemaInstance).attribute("xsi:type", "xs:" + value.type);
      }
      out.text(with_line_feeds(value.text)).close();
    }
    out.close();
  }
  out.close();
}

Unsigned assertion_message(const Assertion& assertion) {
  xml::Writer out;
  out.open("saml:Assertion").declare("saml", kAssertion).attribute("ID", assertion.id).attribute("Version", "2.0");
  out.attribute("IssueInstant", time_text(assertion.issue_instant)).leaf("saml:Issuer", assertion.issuer);
  const auto position = out.here();
  write_subject(out, assertion);
  write_conditions(out, assertion);
  write_authn_statement(out, assertion);
  write_attributes(out, assertion);
  out.close();
  return {std::move(out).finish(), assertion.id, position};
}

std::size_t write_start(xml::Writer& out, const Response& response) {
  const Header header{
      .id = response.id, .issuer = response.issuer, .issue_instant = response.issue_instant, .destination = response.destination};
  return write_header(out, "samlp:Response", header, {{"InResponseTo", response.in_response_to}});
}

void write_encrypted(xml::Writer& out, std::string_view assertion, const Protection& protection) {
  out.open("saml:EncryptedAssertion").element(xml::encrypt(assertion, *protection.encrypt_for, protection.cipher)).close();
}

}  // namespace

std::string with_line_feeds(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r') {
      out += text[i];
    } else if (i + 1 == text.size() || text[i + 1] != '\n') {
      out += '\n';
    }
  }
  return out;
}

std::string signed_message(const Unsigned& message, const xml::PrivateKey& key, const xml::SignatureForm& form) {
  return xml::sign(message.xml, message.signature_position, message.id, key, form);
}

std::string write_assertion(const Assertion& assertion, const xml::PrivateKey* key, const xml::SignatureForm& form) {
  auto message = assertion_message(assertion);
  return key == nullptr ? std::move(message.xml) : signed_message(message, *key, form);
}

std::string write_response(const Response& response, const Assertion& assertion, const Protection& protection) {
  // The assertion is signed before it is embedded: exclusive canonical form makes its digest the same at any place.
  const auto* const assertion_key = protection.signed_part == Signed::response ? nullptr : &protection.key;
  const auto embedded = write_assertion(assertion, assertion_key, protection.form);
  xml::Writer out;
  const auto position = write_start(out, response);
  write_status(out, {.code = std::string(status::kSuccess)});
  if (protection.encrypt_for != nullptr) {
    write_encrypted(out, embedded, protection);
  } else {
    out.element(embedded);
  }
  out.close();
  Unsigned message{std::move(out).finish(), response.id, position};
  if (protection.signed_part == Signed::assertion) return std::move(message.xml);
  return signed_message(message, protection.key, protection.form);
}

std::string write_error(const Response& response, const Status& status, const xml::PrivateKey* key,
                        const xml::SignatureForm& form) {
  xml::Writer out;
  const auto position = write_start(out, response);
  write_status(out, status);
  out.close();
  Unsigned message{std::move(out).finish(), response.id, position};
  return key == nullptr ? std::move(message.xml) : signed_message(message, *key, form);
}

}  // namespace segue::saml_messages
