#include "assertions/answer.h"

#include <gmock/gmock.h>

#include "saml_messages/names.h"
#include "support/foreign_key.h"
#include "xml/document.h"

namespace segue::assertions {
namespace {

using saml_messages::kAssertion;
using testing::HasSubstr;
using testing::Not;

const auto kNow = *base::from_iso8601("2026-05-08T16:00:56.685Z");

struct Keys {
  test::ForeignKey pem = test::ForeignKey::rsa();
  xml::PrivateKey key{crypto::Secret(pem.private_pem()), pem.certificate(kNow, kNow + std::chrono::hours(24))};
  xml::PublicKey public_key = *xml::PublicKey::from_pem(pem.public_pem());
};
const Keys& keys() {
  static const Keys made;
  return made;
}

Asked asked() { return {.request_id = "_f1", .audience = "https://sp.example", .consumer_url = "https://sp.example/acs"}; }
SignedIn signed_in() {
  return {.person = {.attributes = {{"user_id", "auth0|ada"}, {"email", "ada@example.com"}},
                     .provider = "auth0",
                     .connection = "Users",
                     .client_id = "c1"},
          .authn_instant = kNow - std::chrono::hours(2),
          .session_index = "_s1",
          .session_expires_at = kNow + std::chrono::hours(3)};
}
Self self() { return {.entity_id = "urn:idp.example", .key = keys().key}; }
Occasion occasion() { return {.response_id = "_r1", .assertion_id = "_a1", .now = kNow}; }
model::SamlAddon settings(const json::object& o = {}) { return *model::saml_addon_from(o); }

xml::Document read(const std::string& text) {
  auto parsed = xml::Document::parse(text);
  EXPECT_TRUE(parsed.ok());
  return std::move(*parsed);
}
xml::Document read(const base::Result<SamlResponse>& response) {
  EXPECT_TRUE(response.ok()) << response.error().description;
  return read(response->xml);
}

TEST(SamlAnswer, says_what_was_asked_unless_the_addon_says_otherwise) {
  const auto document = read(saml_response(asked(), signed_in(), settings(), self(), occasion()));
  const auto root = document.root();
  EXPECT_EQ(root.attribute("Destination"), "https://sp.example/acs");
  EXPECT_EQ(root.attribute("InResponseTo"), "_f1");
  EXPECT_EQ(root.only_child(kAssertion, "Issuer")->text(), "urn:idp.example");
  const auto assertion = *root.only_child(kAssertion, "Assertion");
  EXPECT_EQ(assertion.only_child(kAssertion, "Conditions")->attribute("NotBefore"), "2026-05-08T15:59:56.685Z");
  EXPECT_EQ(assertion.only_child(kAssertion, "Conditions")->attribute("NotOnOrAfter"), "2026-05-08T17:00:56.685Z");
  EXPECT_EQ(assertion.only_child(kAssertion, "AuthnStatement")->attribute("AuthnInstant"), "2026-05-08T14:00:56.685Z");
  EXPECT_EQ(assertion.only_child(kAssertion, "AuthnStatement")->attribute("SessionNotOnOrAfter"), "2026-05-08T19:00:56.685Z");

  const auto other = saml_response(asked(), signed_in(),
                                   settings({{"audience", "urn:aud"},
                                             {"recipient", "https://r.example/"},
                                             {"destination", "https://d.example/"},
                                             {"issuer", "urn:other"},
                                             {"lifetimeInSeconds", 60},
                                             {"authnContextClassRef", "urn:context"}}),
                                   self(), occasion());
  ASSERT_TRUE(other.ok());
  for (const auto* const part :
       {"<saml:Audience>urn:aud<", "Recipient=\"https://r.example/\"", "Destination=\"https://sp.example/acs\"",
        "<saml:Issuer>urn:other<", "NotOnOrAfter=\"2026-05-08T16:01:56.685Z\"", ">urn:context<"}) {
    EXPECT_THAT(other->xml, HasSubstr(part));
  }
  EXPECT_THAT(other->xml, Not(HasSubstr("urn:idp.example")));
}

TEST(SamlAnswer, is_signed_and_hidden_as_the_addon_says) {
  const auto parts = [](const json::object& o) {
    const auto document = read(saml_response(asked(), signed_in(), settings(o), self(), occasion()));
    const auto root = document.root();
    return std::pair(xml::has_signature(root), xml::has_signature(*root.only_child(kAssertion, "Assertion")));
  };
  EXPECT_EQ(parts({}), std::pair(false, true));
  EXPECT_EQ(parts({{"signResponse", true}}), std::pair(true, false));
  EXPECT_EQ(parts({{"signResponse", true}, {"signAssertion", true}}), std::pair(true, true));
  const auto old = saml_response(asked(), signed_in(),
                                 settings({{"signatureAlgorithm", "rsa-sha1"}, {"digestAlgorithm", "sha1"}}), self(), occasion());
  EXPECT_THAT(old->xml, HasSubstr("xmldsig#rsa-sha1"));
  const Self hiding{.entity_id = "urn:idp.example", .key = keys().key, .encrypt_for = &keys().public_key};
  EXPECT_THAT(saml_response(asked(), signed_in(), settings(), hiding, occasion())->xml, Not(HasSubstr("ada@example.com")));
}

TEST(SamlAnswer, is_never_for_everybody_and_never_about_nobody) {
  auto unasked = asked();
  unasked.request_id = unasked.audience = "";
  const auto refused = saml_response(unasked, signed_in(), settings(), self(), occasion());
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().description, HasSubstr("addons.samlp.audience"));
  const auto begun_here = saml_response(unasked, signed_in(), settings({{"audience", "urn:aud"}}), self(), occasion());
  ASSERT_TRUE(begun_here.ok());
  EXPECT_THAT(begun_here->xml, Not(HasSubstr("InResponseTo")));
  const auto nobody = saml_response(asked(), signed_in(), settings({{"nameIdentifierProbes", {"none"}}}), self(), occasion());
  ASSERT_FALSE(nobody.ok());
  EXPECT_THAT(nobody.error().description, HasSubstr("nameIdentifierProbes"));
}

TEST(WsFederationAnswer, holds_either_assertion) {
  for (const auto type : {saml_messages::TokenType::saml_1_1, saml_messages::TokenType::saml_2_0}) {
    const auto text = wresult(asked(), signed_in(), settings(), self(), occasion(), type);
    ASSERT_TRUE(text.ok());
    EXPECT_THAT(*text, HasSubstr(">https://sp.example<"));
    EXPECT_THAT(*text, HasSubstr("ada@example.com"));
  }
}

TEST(SamlRefusal, tells_the_service_provider_why) {
  const std::vector<std::pair<base::Error, std::string_view>> cases = {
      {{base::ErrorKind::unauthenticated, "login_required", "m"}, saml_messages::status::kNoPassive},
      {{base::ErrorKind::unauthenticated, "consent_required", "m"}, saml_messages::status::kNoPassive},
      {{base::ErrorKind::forbidden, "access_denied", "m"}, saml_messages::status::kRequestDenied},
      {{base::ErrorKind::invalid_input, "invalid_request", "m"}, saml_messages::status::kRequestUnsupported},
      {{base::ErrorKind::invalid_input, "unmet_authentication_requirements", "m"}, saml_messages::status::kNoAuthnContext},
      {{base::ErrorKind::unavailable, "temporarily_unavailable", "m"}, saml_messages::status::kAuthnFailed},
  };
  for (const auto& [error, sub_code] : cases) EXPECT_EQ(status_of(error).sub_code, sub_code) << error.code;
  const auto document = read(saml_refusal(asked(), cases[0].first, settings(), self(), occasion()));
  EXPECT_TRUE(xml::has_signature(document.root()));
  EXPECT_TRUE(document.root().children(kAssertion, "Assertion").empty());
  EXPECT_EQ(document.root().attribute("InResponseTo"), "_f1");
}

}  // namespace
}  // namespace segue::assertions
