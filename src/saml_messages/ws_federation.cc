#include "saml_messages/ws_federation.h"

#include <algorithm>

#include "saml_messages/names.h"

namespace segue::saml_messages {
namespace {

constexpr std::string_view kTrust = "http://schemas.xmlsoap.org/ws/2005/02/trust";
constexpr std::string_view kPolicy = "http://schemas.xmlsoap.org/ws/2004/09/policy";
constexpr std::string_view kUtility = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
constexpr std::string_view kBearer11 = "urn:oasis:names:tc:SAML:1.0:cm:bearer";
constexpr std::string_view kSoap = "http://www.w3.org/2003/05/soap-envelope";
constexpr std::string_view kPassword11 = "urn:oasis:names:tc:SAML:1.0:am:password";
constexpr std::string_view kUnspecified11 = "urn:oasis:names:tc:SAML:1.0:am:unspecified";

void write_subject_1_1(xml::Writer& out, const Assertion& assertion) {
  out.open("saml:Subject").open("saml:NameIdentifier");
  if (!assertion.subject.format.empty()) out.attribute("Format", assertion.subject.format);
  out.text(with_line_feeds(assertion.subject.value)).close();
  out.open("saml:SubjectConfirmation").leaf("saml:ConfirmationMethod", kBearer11).close().close();
}

struct SplitName {
  std::string space, name;
};
// "http://…/claims/emailaddress" is namespace and name to SAML 1.1, and receivers join them with a slash again.
SplitName split(const std::string& name) {
  const auto slash = name.rfind('/');
  if (slash == std::string::npos || slash + 1 == name.size()) return {"http://schemas.xmlsoap.org/claims", name};
  return {name.substr(0, slash), name.substr(slash + 1)};
}

void write_attributes_1_1(xml::Writer& out, const Assertion& assertion) {
  const auto has_value = [](const Attribute& attribute) { return !attribute.values.empty(); };
  if (std::none_of(assertion.attributes.begin(), assertion.attributes.end(), has_value)) return;
  out.open("saml:AttributeStatement");
  write_subject_1_1(out, assertion);
  for (const auto& attribute : assertion.attributes) {
    if (!has_value(attribute)) continue;  // one value at least (SAML 1.1 core §2.4.4)
    const auto name = split(attribute.name);
    out.open("saml:Attribute").attribute("AttributeName", name.name).attribute("AttributeNamespace", name.space);
    for (const auto& value : attribute.values) out.leaf("saml:AttributeValue", with_line_feeds(value.text));
    out.close();
  }
  out.close();
}

std::string_view method_1_1(const Assertion& assertion) {
  return assertion.authn_context.find("Password") == std::string::npos ? kUnspecified11 : kPassword11;
}

void write_lifetime(xml::Writer& out, const Assertion& assertion) {
  out.open("t:Lifetime").declare("wsu", kUtility);
  out.leaf("wsu:Created", time_text(assertion.issue_instant)).leaf("wsu:Expires", time_text(assertion.not_on_or_after)).close();
}

std::string_view code_of(Fault fault) {
  switch (fault) {
    case Fault::invalid_request: return "t:InvalidRequest";
    case Fault::failed_authentication: return "t:FailedAuthentication";
    case Fault::request_failed: break;
  }
  return "t:RequestFailed";
}

}  // namespace

std::string write_assertion_1_1(const Assertion& assertion, const xml::PrivateKey& key, const xml::SignatureForm& form) {
  xml::Writer out;
  out.open("saml:Assertion").declare("saml", kAssertion11).attribute("MajorVersion", "1").attribute("MinorVersion", "1");
  out.attribute("AssertionID", assertion.id).attribute("Issuer", assertion.issuer);
  out.attribute("IssueInstant", time_text(assertion.issue_instant));
  out.open("saml:Conditions").attribute("NotBefore", time_text(assertion.not_before));
  out.attribute("NotOnOrAfter", time_text(assertion.not_on_or_after));
  out.open("saml:AudienceRestrictionCondition").leaf("saml:Audience", assertion.audience).close().close();
  write_attributes_1_1(out, assertion);
  out.open("saml:AuthenticationStatement").attribute("AuthenticationMethod", method_1_1(assertion));
  out.attribute("AuthenticationInstant", time_text(assertion.authn_instant));
  write_subject_1_1(out, assertion);
  out.close();
  const auto position = out.here();
  out.close();
  auto with_id = form;
  with_id.id_attribute = "AssertionID";
  return xml::sign(std::move(out).finish(), position, assertion.id, key, with_id);
}

std::string write_wresult(const Assertion& assertion, TokenType type, const xml::PrivateKey& key,
                          const xml::SignatureForm& form) {
  const bool new_one = type == TokenType::saml_2_0;
  xml::Writer out;
  out.open("t:RequestSecurityTokenResponse").declare("t", kTrust);
  write_lifetime(out, assertion);
  out.open("wsp:AppliesTo").declare("wsp", kPolicy).open("wsa:EndpointReference").declare("wsa", kAddressing);
  out.leaf("wsa:Address", assertion.audience).close().close();
  // The assertion is the first child, with nothing before it (real clients §8.2).
  out.open("t:RequestedSecurityToken");
  out.element(new_one ? write_assertion(assertion, &key, form) : write_assertion_1_1(assertion, key, form)).close();
  out.leaf("t:TokenType", new_one ? kAssertion : kAssertion11);
  out.leaf("t:RequestType", "http://schemas.xmlsoap.org/ws/2005/02/trust/Issue");
  out.leaf("t:KeyType", "http://schemas.xmlsoap.org/ws/2005/05/identity/NoProofKey").close();
  return std::move(out).finish();
}

std::string write_fault(Fault fault, std::string_view why) {
  xml::Writer out;
  out.open("S:Fault").declare("S", kSoap).declare("t", kTrust);
  out.open("S:Code").leaf("S:Value", fault == Fault::invalid_request ? "S:Sender" : "S:Receiver");
  out.open("S:Subcode").leaf("S:Value", code_of(fault)).close().close();
  out.open("S:Reason").open("S:Text").attribute("xml:lang", "en").text(with_line_feeds(std::string(why))).close().close().close();
  return std::move(out).finish();
}

}  // namespace segue::saml_messages
