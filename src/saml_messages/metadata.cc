#include "saml_messages/metadata.h"

#include "saml_messages/names.h"
#include "xml/writer.h"

namespace segue::saml_messages {
namespace {

constexpr std::string_view kFederation = "http://docs.oasis-open.org/wsfed/federation/200706";
constexpr std::string_view kAuthorization = "http://docs.oasis-open.org/wsfed/authorization/200706";
constexpr std::string_view kUriNames = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri";

void write_keys(xml::Writer& out, const std::vector<std::string>& certificates) {
  for (const auto& certificate : certificates) {
    out.open("md:KeyDescriptor").attribute("use", "signing").open("ds:KeyInfo").declare("ds", kXmlSignature);
    out.open("ds:X509Data").leaf("ds:X509Certificate", certificate).close().close().close();
  }
}

void write_service(xml::Writer& out, std::string_view name, const std::string& url) {
  for (const auto binding : {kRedirectBinding, kPostBinding}) {
    out.open(name).attribute("Binding", binding).attribute("Location", url).close();
  }
}

void write_endpoint(xml::Writer& out, std::string_view name, const std::string& url) {
  out.open(name).open("wsa:EndpointReference").declare("wsa", kAddressing).leaf("wsa:Address", url).close().close();
}

}  // namespace

std::string write_metadata(const IdentityProvider& provider) {
  xml::Writer out;
  out.open("md:EntityDescriptor").declare("md", kMetadata).attribute("entityID", provider.entity_id);
  out.open("md:IDPSSODescriptor").attribute("WantAuthnRequestsSigned", provider.wants_signed_requests ? "true" : "false");
  out.attribute("protocolSupportEnumeration", kProtocol);
  write_keys(out, provider.certificates);
  write_service(out, "md:SingleLogoutService", provider.logout_url);
  out.leaf("md:NameIDFormat", provider.name_id_format);
  write_service(out, "md:SingleSignOnService", provider.sign_on_url);
  for (const auto& claim : provider.claims) {
    out.open("saml:Attribute").declare("saml", kAssertion).attribute("Name", claim).attribute("NameFormat", kUriNames).close();
  }
  out.close().close();
  return std::move(out).finish();
}

std::string write_federation_metadata(const SecurityTokenService& service) {
  xml::Writer out;
  out.open("md:EntityDescriptor").declare("md", kMetadata).attribute("entityID", service.entity_id);
  out.open("md:RoleDescriptor").declare("xsi", kXmlSchemaInstance).declare("fed", kFederation);
  out.attribute("xsi:type", "fed:SecurityTokenServiceType").attribute("protocolSupportEnumeration", kFederation);
  write_keys(out, service.certificates);
  out.open("fed:TokenTypesOffered");
  for (const auto type : {kAssertion, kAssertion11}) out.open("fed:TokenType").attribute("Uri", type).close();
  out.close();
  if (!service.claims.empty()) {
    out.open("fed:ClaimTypesOffered");
    for (const auto& claim : service.claims) {
      out.open("auth:ClaimType").declare("auth", kAuthorization).attribute("Uri", claim).attribute("Optional", "true").close();
    }
    out.close();
  }
  write_endpoint(out, "fed:SecurityTokenServiceEndpoint", service.sign_on_url);
  write_endpoint(out, "fed:PassiveRequestorEndpoint", service.sign_on_url);
  out.close().close();
  return std::move(out).finish();
}

}  // namespace segue::saml_messages
