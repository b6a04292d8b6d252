#include "saml_messages/response.h"

#include <gmock/gmock.h>

#include "saml_messages/metadata.h"
#include "saml_messages/names.h"
#include "saml_messages/test_material.h"
#include "saml_messages/ws_federation.h"

namespace segue::saml_messages {
namespace {

using testing::HasSubstr;
using testing::Not;

Response response() {
  return {.id = "_r1",
          .issuer = "urn:idp.example",
          .issue_instant = kNow,
          .destination = "https://sp.example/acs",
          .in_response_to = "_f1"};
}

Assertion assertion() {
  return {.id = "_a1",
          .issuer = "urn:idp.example",
          .issue_instant = kNow,
          .subject = {.value = "auth0|ada", .format = std::string(kUnspecifiedNameId)},
          .recipient = "https://sp.example/acs",
          .in_response_to = "_f1",
          .audience = "https://sp.example",
          .not_before = kNow - std::chrono::minutes(1),
          .not_on_or_after = kNow + std::chrono::hours(1),
          .authn_instant = kNow,
          .session_index = "_s1",
          .authn_context = "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified",
          .attributes = {{.name = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
                          .values = {{.text = "ada@example.com"}}},
                         {.name = "http://schemas.auth0.com/email_verified", .values = {{.text = "true", .type = "boolean"}}},
                         {.name = "groups", .values = {{.text = "a<b"}, {.text = "c&d"}}}}};
}

xml::Element assertion_of(const xml::Document& document) { return *document.root().only_child(kAssertion, "Assertion"); }

base::Result<xml::Document> parsed(const std::string& xml) { return xml::Document::parse(xml); }

TEST(Response, is_signed_where_the_service_provider_wants_it) {
  struct Case {
    Signed part;
    bool response, assertion;
  };
  for (const auto& [part, whole, inner] :
       {Case{Signed::assertion, false, true}, Case{Signed::response, true, false}, Case{Signed::both, true, true}}) {
    const auto text = write_response(response(), assertion(), {.key = test_keys().own, .signed_part = part});
    const auto document = parsed(text);
    ASSERT_TRUE(document.ok()) << document.error().description << text;
    EXPECT_EQ(xml::has_signature(document->root()), whole);
    EXPECT_EQ(xml::has_signature(assertion_of(*document)), inner);
    if (whole) {
      EXPECT_TRUE(xml::verified(document->root(), test_keys().own_public).ok());
    }
    if (inner) {
      EXPECT_TRUE(xml::verified(assertion_of(*document), test_keys().own_public).ok());
    }
    // Right behind the Issuer (SAML core §3.2.2, §2.3.3).
    if (whole) {
      EXPECT_TRUE(document->root().children()[1].is(kXmlSignature, "Signature"));
    }
    if (inner) {
      EXPECT_TRUE(assertion_of(*document).children()[1].is(kXmlSignature, "Signature"));
    }
  }
}

TEST(Response, says_to_whom_it_is_and_for_how_long) {
  const auto document = parsed(write_response(response(), assertion(), {.key = test_keys().own}));
  ASSERT_TRUE(document.ok());
  EXPECT_EQ(document->root().attribute("Destination"), "https://sp.example/acs");
  EXPECT_EQ(document->root().attribute("InResponseTo"), "_f1");
  const auto inner = assertion_of(*document);
  const auto confirmation = inner.only_child(kAssertion, "Subject")->only_child(kAssertion, "SubjectConfirmation");
  const auto data = confirmation->only_child(kAssertion, "SubjectConfirmationData");
  EXPECT_EQ(data->attribute("Recipient"), "https://sp.example/acs");
  EXPECT_EQ(data->attribute("InResponseTo"), "_f1");
  EXPECT_EQ(data->attribute("NotOnOrAfter"), "2026-05-08T17:00:56.685Z");
  const auto conditions = inner.only_child(kAssertion, "Conditions");
  EXPECT_EQ(conditions->attribute("NotBefore"), "2026-05-08T15:59:56.685Z");
  EXPECT_EQ(conditions->only_child(kAssertion, "AudienceRestriction")->only_child(kAssertion, "Audience")->text(),
            "https://sp.example");
  EXPECT_TRUE(read_status(document->root())->success());
}

TEST(Response, that_nobody_asked_for_answers_nothing) {
  auto unasked = response();
  auto inner = assertion();
  unasked.in_response_to = inner.in_response_to = "";
  EXPECT_THAT(write_response(unasked, inner, {.key = test_keys().own}), Not(HasSubstr("InResponseTo")));
}

TEST(Response, keeps_a_hostile_value_inside_its_element) {
  auto inner = assertion();
  const std::string hostile = "</saml:AttributeValue></saml:Attribute><saml:Attribute Name=\"admin\">\x01\"'&";
  inner.attributes = {{.name = hostile, .values = {{.text = hostile}}}};
  inner.subject.value = hostile;
  const auto document = parsed(write_response(response(), inner, {.key = test_keys().own}));
  ASSERT_TRUE(document.ok());
  const auto statement = assertion_of(*document).only_child(kAssertion, "AttributeStatement");
  EXPECT_EQ(statement->children().size(), 1u);
}

TEST(Response, may_use_sha1_and_may_hide_its_assertion) {
  const Protection old{.key = test_keys().own,
                       .form = {.signature = xml::SignatureAlgorithm::rsa_sha1, .digest = xml::DigestAlgorithm::sha1}};
  EXPECT_THAT(write_response(response(), assertion(), old), HasSubstr("xmldsig#rsa-sha1"));
  const Protection hidden{.key = test_keys().own, .signed_part = Signed::both, .encrypt_for = &test_keys().own_public};
  const auto text = write_response(response(), assertion(), hidden);
  // Marks that base64 does not have: a ciphertext may well spell her name.
  EXPECT_THAT(text, AllOf(Not(HasSubstr("|ada")), Not(HasSubstr("ada@"))));
  const auto document = parsed(text);
  ASSERT_TRUE(document.ok());
  EXPECT_TRUE(document->root().only_child(kAssertion, "EncryptedAssertion").has_value());
  EXPECT_TRUE(xml::verified(document->root(), test_keys().own_public).ok());
}

TEST(Response, of_a_refusal_has_its_status_and_no_assertion) {
  const Status no_passive{.code = std::string(status::kResponder), .sub_code = std::string(status::kNoPassive), .message = "m"};
  const auto document = parsed(write_error(response(), no_passive, &test_keys().own));
  ASSERT_TRUE(document.ok());
  EXPECT_EQ(read_status(document->root())->sub_code, status::kNoPassive);
  EXPECT_TRUE(document->root().children(kAssertion, "Assertion").empty());
  EXPECT_TRUE(xml::verified(document->root(), test_keys().own_public).ok());
  EXPECT_THAT(write_error(response(), no_passive, nullptr), Not(HasSubstr("Signature")));
}

TEST(WsFederation, result_has_the_signed_assertion_first) {
  constexpr std::string_view kTrust = "http://schemas.xmlsoap.org/ws/2005/02/trust";
  for (const auto type : {TokenType::saml_2_0, TokenType::saml_1_1}) {
    const auto text = write_wresult(assertion(), type, test_keys().own);
    const auto document = parsed(text);
    ASSERT_TRUE(document.ok()) << document.error().description;
    const auto token = document->root().only_child(kTrust, "RequestedSecurityToken");
    ASSERT_EQ(token->children().size(), 1u);
    EXPECT_TRUE(token->children()[0].is(type == TokenType::saml_2_0 ? kAssertion : kAssertion11, "Assertion"));
    EXPECT_TRUE(xml::has_signature(token->children()[0]));
    EXPECT_THAT(text, HasSubstr("<t:RequestedSecurityToken><saml:Assertion "));
    EXPECT_EQ(text.find_first_of("\r\n"), std::string::npos);  // a form would change them
  }
  const auto old = write_wresult(assertion(), TokenType::saml_1_1, test_keys().own);
  EXPECT_THAT(old, HasSubstr("AttributeName=\"emailaddress\" "
                             "AttributeNamespace=\"http://schemas.xmlsoap.org/ws/2005/05/identity/claims\""));
}

TEST(WsFederation, fault_says_whose_it_is_and_why) {
  constexpr std::string_view kSoap = "http://www.w3.org/2003/05/soap-envelope";
  const auto text = write_fault(Fault::failed_authentication, "No <entry> & \"no\" exit");
  const auto document = parsed(text);
  ASSERT_TRUE(document.ok()) << document.error().description;
  const auto root = document->root();
  ASSERT_TRUE(root.is(kSoap, "Fault"));
  const auto code = root.only_child(kSoap, "Code");
  EXPECT_EQ(code->only_child(kSoap, "Value")->text(), "S:Receiver");
  EXPECT_EQ(code->only_child(kSoap, "Subcode")->only_child(kSoap, "Value")->text(), "t:FailedAuthentication");
  EXPECT_EQ(root.only_child(kSoap, "Reason")->only_child(kSoap, "Text")->text(), "No <entry> & \"no\" exit");
  EXPECT_THAT(write_fault(Fault::invalid_request, ""), HasSubstr("<S:Value>S:Sender</S:Value>"));
}

TEST(Metadata, names_certificates_and_addresses) {
  const IdentityProvider provider{.entity_id = "urn:idp.example",
                                  .certificates = {test_keys().own.certificate(), test_keys().other.certificate()},
                                  .sign_on_url = "https://idp.example/samlp/c1",
                                  .logout_url = "https://idp.example/samlp/c1/logout"};
  const auto document = parsed(write_metadata(provider));
  ASSERT_TRUE(document.ok());
  EXPECT_EQ(document->root().attribute("entityID"), "urn:idp.example");
  const auto role = document->root().only_child(kMetadata, "IDPSSODescriptor");
  EXPECT_EQ(role->children(kMetadata, "KeyDescriptor").size(), 2u);
  EXPECT_EQ(role->children(kMetadata, "SingleSignOnService").size(), 2u);
  EXPECT_EQ(role->children(kMetadata, "SingleLogoutService")[1].attribute("Location"), "https://idp.example/samlp/c1/logout");
  const auto federation = parsed(write_federation_metadata({.entity_id = "urn:idp.example",
                                                            .certificates = {test_keys().own.certificate()},
                                                            .sign_on_url = "https://idp.example/wsfed/c1"}));
  ASSERT_TRUE(federation.ok());
}

}  // namespace
}  // namespace segue::saml_messages
