#include "saml_messages/authn_request.h"

#include <gmock/gmock.h>

#include "saml_messages/bindings.h"
#include "saml_messages/names.h"
#include "saml_messages/response.h"
#include "saml_messages/test_material.h"

namespace segue::saml_messages {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// As node-saml 5 sends it.
const std::string kGenuine =
    "<?xml version=\"1.0\"?><samlp:AuthnRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_f1\" Version=\"2.0\" "
    "IssueInstant=\"2026-05-08T16:00:56.685Z\" ProtocolBinding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\" "
    "Destination=\"https://idp.example/samlp/c1\" AssertionConsumerServiceURL=\"https://sp.example/acs\" ForceAuthn=\"true\">"
    "<saml:Issuer xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">https://sp.example</saml:Issuer><samlp:NameIDPolicy "
    "xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" Format=\"urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress\" "
    "AllowCreate=\"true\"/><samlp:RequestedAuthnContext xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" "
    "Comparison=\"exact\"><saml:AuthnContextClassRef xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">"
    "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml:AuthnContextClassRef></samlp:RequestedAuthnContext>"
    "</samlp:AuthnRequest>";

base::Result<AuthnRequest> read_request(const std::string& xml) {
  const auto document = TRY(xml::Document::parse(xml));
  return read_authn_request(document);
}

TEST(AuthnRequest, of_node_saml_is_read) {
  const auto request = read_request(kGenuine);
  ASSERT_TRUE(request.ok()) << request.error().description;
  EXPECT_EQ(request->header.id, "_f1");
  EXPECT_EQ(request->header.issuer, "https://sp.example");
  EXPECT_EQ(request->header.issue_instant, kNow);
  EXPECT_EQ(request->header.destination, "https://idp.example/samlp/c1");
  EXPECT_EQ(request->consumer_url, "https://sp.example/acs");
  EXPECT_EQ(request->protocol_binding, kPostBinding);
  EXPECT_TRUE(request->force_authn);
  EXPECT_FALSE(request->is_passive);
  EXPECT_FALSE(request->subject.has_value());
  EXPECT_THAT(request->context_classes, ElementsAre("urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"));
  EXPECT_FALSE(request->wants_better_context || request->not_on_or_after.has_value());
}

TEST(AuthnRequest, demands_a_kind_of_sign_in_and_ends) {
  auto text = replaced(kGenuine, "Comparison=\"exact\"", "Comparison=\"better\"");
  text = replaced(text, "<samlp:NameIDPolicy",
                  "<saml:Conditions xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" NotOnOrAfter=\"2026-05-08T16:01:00Z\"/>"
                  "<samlp:NameIDPolicy");
  const auto request = read_request(text);
  ASSERT_TRUE(request.ok()) << request.error().description;
  EXPECT_TRUE(request->wants_better_context);
  EXPECT_EQ(base::to_iso8601(request->not_on_or_after.value_or(base::Instant{})), "2026-05-08T16:01:00.000Z");
}

TEST(AuthnRequest, names_whom_to_sign_in) {
  const auto request =
      read_request(replaced(kGenuine, "<samlp:NameIDPolicy",
                            "<saml:Subject xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\"><saml:NameID> ada "
                            "</saml:NameID></saml:Subject><samlp:NameIDPolicy"));
  ASSERT_TRUE(request.ok()) << request.error().description;
  EXPECT_EQ(request->subject->value, "ada");
}

class RefusedAuthnRequest : public testing::TestWithParam<Refusal> {};
TEST_P(RefusedAuthnRequest, says_why) {
  const auto request = read_request(GetParam().text);
  ASSERT_FALSE(request.ok());
  EXPECT_THAT(request.error().description, HasSubstr(GetParam().why));
}

const std::string kIssuerElement =
    "<saml:Issuer xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">https://sp.example</saml:Issuer>";

const Refusal kRefusedRequests[] = {
    {"another_message", "<samlp:LogoutRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\"/>",
     "no SAML 2.0 AuthnRequest"},
    {"another_namespace", replaced(kGenuine, "SAML:2.0:protocol\" ID", "SAML:1.1:protocol\" ID"), "no SAML 2.0 AuthnRequest"},
    {"version_1_1", replaced(kGenuine, "Version=\"2.0\"", "Version=\"1.1\""), "Version"},
    {"no_id", replaced(kGenuine, "ID=\"_f1\" ", ""), "ID is missing"},
    {"an_id_with_a_quote", replaced(kGenuine, "_f1", "_f'1"), "no XML name"},
    {"no_time", replaced(kGenuine, "2026-05-08T16:00:56.685Z", ""), "no UTC time"},
    {"a_day", replaced(kGenuine, "2026-05-08T16:00:56.685Z", "2026-05-08"), "no UTC time"},
    {"a_local_time", replaced(kGenuine, "56.685Z", "56.685+02:00"), "no UTC time"},
    {"no_issuer", replaced(kGenuine, kIssuerElement, ""), "no Issuer"},
    {"an_empty_issuer", replaced(kGenuine, ">https://sp.example<", "> <"), "Issuer is empty"},
    {"two_issuers", replaced(kGenuine, kIssuerElement, kIssuerElement + kIssuerElement), "more than one Issuer"},
    {"an_issuer_with_elements", replaced(kGenuine, ">https://sp.example<", ">https://sp.example<x/><"), "Issuer is empty"},
    {"a_comment_in_the_issuer", replaced(kGenuine, "https://sp.example<", "https://sp.example<!-- -->.evil.example<"), "comment"},
    {"an_issuer_of_another_format", replaced(kGenuine, "<saml:Issuer ", "<saml:Issuer Format=\"urn:x\" "), "Format"},
    {"a_flag_that_is_none", replaced(kGenuine, "ForceAuthn=\"true\"", "ForceAuthn=\"yes\""), "neither true nor false"},
    {"an_index_and_a_url", replaced(kGenuine, "ForceAuthn", "AssertionConsumerServiceIndex=\"1\" ForceAuthn"), "both"},
    {"an_index_that_is_none", replaced(kGenuine, "ForceAuthn", "AssertionConsumerServiceIndex=\"-1\" ForceAuthn"), "no number"},
    {"a_subject_without_a_name",
     replaced(kGenuine, "<samlp:NameIDPolicy",
              "<saml:Subject xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\"/><samlp:NameIDPolicy"),
     "no NameID"},
};
INSTANTIATE_TEST_SUITE_P(AuthnRequest, RefusedAuthnRequest, testing::ValuesIn(kRefusedRequests),
                         [](const auto& c) { return c.param.name; });

TEST(Header, destination_is_ours_but_for_the_query) {
  Header header{.id = "_1", .issuer = "sp", .issue_instant = kNow, .destination = "https://idp.example/samlp/c1?x=y"};
  EXPECT_TRUE(check_destination(header, true, "https://idp.example/samlp/c1").ok());
  for (const auto* const wrong :
       {"https://idp.example/samlp/c2", "https://idp.example/samlp/c1/", "http://idp.example/samlp/c1",
        "https://idp.example.evil.example/samlp/c1", "https://other.example/?https://idp.example/samlp/c1"}) {
    header.destination = wrong;
    EXPECT_FALSE(check_destination(header, false, "https://idp.example/samlp/c1").ok()) << wrong;
  }
  header.destination = std::nullopt;
  EXPECT_TRUE(check_destination(header, false, "https://idp.example/samlp/c1").ok());
  EXPECT_FALSE(check_destination(header, true, "https://idp.example/samlp/c1").ok());
}

TEST(Header, messages_have_an_age) {
  using std::chrono::minutes;
  using std::chrono::seconds;
  const Header header{.id = "_1", .issuer = "sp", .issue_instant = kNow};
  EXPECT_TRUE(check_age(header, kNow).ok());
  EXPECT_TRUE(check_age(header, kNow + minutes(8)).ok());
  EXPECT_FALSE(check_age(header, kNow + minutes(8) + seconds(1)).ok());
  EXPECT_TRUE(check_age(header, kNow - minutes(3)).ok());
  EXPECT_FALSE(check_age(header, kNow - minutes(3) - seconds(1)).ok());
  // Whoever takes it at the earliest moment has forgotten it only when it is too old.
  EXPECT_FALSE(check_age(header, kNow - kClockSkew + kRememberIdFor + seconds(1)).ok());
}

TEST(AuthnRequest, in_a_form_is_read_from_what_was_signed) {
  const auto at = kGenuine.find("<samlp:NameIDPolicy");
  const auto genuine = signed_message({kGenuine, "_f1", at}, test_keys().own);
  const Trust trust{.key = &test_keys().own_public};
  const auto opened = open(*from_post(MessageKind::request, post_value(genuine), std::nullopt), trust);
  ASSERT_TRUE(opened.ok()) << opened.error().description;
  EXPECT_EQ(read_authn_request(*opened)->consumer_url, "https://sp.example/acs");
  // The same inside an AuthnRequest of somebody else's, who wants the answer.
  auto evil = replaced(replaced(kGenuine, "_f1", "_e1"), "https://sp.example/acs", "https://evil.example/acs");
  evil.erase(0, std::string_view("<?xml version=\"1.0\"?>").size());
  const auto wrapped =
      replaced(evil, "<samlp:NameIDPolicy", genuine.substr(genuine.find("<samlp:AuthnRequest")) + "<samlp:NameIDPolicy");
  EXPECT_FALSE(open(*from_post(MessageKind::request, post_value(wrapped), std::nullopt), trust).ok());
}

}  // namespace
}  // namespace segue::saml_messages
