#include "management/saml_addon_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/foreign_key.h"

namespace segue::management::saml_addon_rules_test {
namespace {

using ::testing::HasSubstr;

std::string refusal(json::object addon) {
  const auto outcome = check_saml_addon({{"addons", {{"samlp", std::move(addon)}}}});
  return outcome.ok() ? "" : outcome.error().description;
}

const test::ForeignKey& key() {
  static const auto made = test::ForeignKey::rsa();
  return made;
}
std::string certificate(const test::ForeignKey& of) {
  return of.certificate(base::from_seconds(1'000'000'000), base::from_seconds(1'000'000'001));
}

TEST(SamlAddonRules, take_what_the_contract_names) {
  EXPECT_EQ(refusal({}), "");
  EXPECT_TRUE(check_saml_addon({}).ok());
  EXPECT_TRUE(check_saml_addon({{"addons", nullptr}}).ok());
  EXPECT_EQ(refusal({{"audience", "urn:sp"},
                     {"destination", "https://sp.example/acs?x=1"},
                     {"recipient", "http://localhost:3000/acs"},
                     {"mappings", {{"email", "mail"}, {"name", json::array{"cn", "displayName"}}}},
                     {"signatureAlgorithm", "rsa-sha1"},
                     {"digestAlgorithm", "sha1"},
                     {"lifetimeInSeconds", 2592000},
                     {"signResponse", true},
                     {"signAssertion", true},
                     {"signingCert", certificate(key())},
                     {"encryptionPublicKey", key().public_pem()},
                     {"logout", {{"callback", "http://localhost:3000/slo?x=1"}, {"slo_enabled", true}}},
                     {"binding", "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"},
                     {"unknownMember", 7}}),
            "");
}

TEST(SamlAddonRules, say_what_each_member_must_be) {
  static const auto small = test::ForeignKey::rsa(1024);
  static const auto elliptic = test::ForeignKey::elliptic();
  const std::pair<json::object, const char*> cases[] = {
      {{{"signatureAlgorithm", "rsa-sha512"}}, "signatureAlgorithm must be \"rsa-sha256\" or \"rsa-sha1\""},
      {{{"lifetimeInSeconds", 0}}, "lifetimeInSeconds must be a number from 1 to 2592000"},
      {{{"signAssertion", false}}, "signAssertion must be true where signResponse is not"},
      {{{"nameIdentifierProbes", json::array{}}}, "nameIdentifierProbes must be a list of at least one claim"},
      {{{"nameIdentifierFormat", ""}}, "nameIdentifierFormat must be a format"},
      {{{"authnContextClassRef", ""}}, "authnContextClassRef must be a class"},
      {{{"mappings", {{"email", 7}}}}, "mappings.email must be a list of strings"},
      {{{"mappings", {{"email", std::string(1025, 'x')}}}}, "at most 1024 characters"},
      {{{"destination", "javascript:alert(1)"}}, "destination must be one address"},
      {{{"destination", "https://*.sp.example/acs"}}, "destination must be one address"},
      {{{"destination", "com.app://callback"}}, "destination must be one address"},
      {{{"recipient", "https://sp.example/acs#x"}}, "recipient must be one address"},
      {{{"signingCert", "no PEM"}}, "signingCert must be the PEM"},
      {{{"signingCert", certificate(small)}}, "RSA of 2,048"},
      {{{"signingCert", elliptic.public_pem()}}, "RSA of 2,048"},
      {{{"signingCert", key().private_pem()}}, "never a private key"},
      {{{"encryptionCert", key().private_pem()}}, "encryptionCert must be the PEM"},
      {{{"encryptionAlgorithm", "des"}}, "encryptionAlgorithm must be"},
      {{{"binding", "urn:oasis:names:tc:SAML:2.0:bindings:SOAP"}}, "binding must be"},
      {{{"logout", 7}}, "logout must be an object"},
      {{{"logout", {{"callback", "http://sp.example/slo"}}}}, "logout.callback must be one address"},
      {{{"logout", {{"callback", "javascript:alert(1)"}}}}, "logout.callback must be one address"},
      {{{"logout", {{"callback", "https://*.sp.example/slo"}}}}, "logout.callback must be one address"},
      {{{"logout", {{"callback", "https://me@sp.example/slo"}}}}, "logout.callback must be one address"},
      {{{"logout", {{"callback", "https://sp.example/slo#x"}}}}, "logout.callback must be one address"},
      {{{"logout", {{"slo_enabled", true}}}}, "logout.callback must be set where"},
  };
  for (const auto& [addon, why] : cases) EXPECT_THAT(refusal(addon), HasSubstr(why)) << json::write(addon);
}

std::string wsfed_refusal(json::object addon) {
  const auto outcome = check_wsfed_addon({{"addons", {{"wsfed", std::move(addon)}}}});
  return outcome.ok() ? "" : outcome.error().description;
}

TEST(WsfedAddonRules, take_what_describes_an_assertion_and_which_token_it_is) {
  EXPECT_EQ(wsfed_refusal({}), "");
  EXPECT_TRUE(check_wsfed_addon({}).ok());
  EXPECT_TRUE(check_wsfed_addon({{"addons", {{"wsfed", nullptr}}}}).ok());
  EXPECT_EQ(wsfed_refusal({{"audience", "urn:rp"},
                           {"destination", "https://rp.example/"},
                           {"mappings", {{"email", "mail"}}},
                           {"tokenType", "saml1.1"},
                           {"unknownMember", 7}}),
            "");
  EXPECT_EQ(wsfed_refusal({{"tokenType", nullptr}}), "");
}

TEST(WsfedAddonRules, say_what_each_member_must_be) {
  const std::pair<json::object, const char*> cases[] = {
      {{{"tokenType", "jwt"}}, "addons.wsfed.tokenType must be"},
      {{{"tokenType", 2}}, "addons.wsfed.tokenType must be"},
      {{{"destination", "javascript:alert(1)"}}, "addons.wsfed.destination must be one address"},
      {{{"lifetimeInSeconds", 0}}, "addons.wsfed.lifetimeInSeconds must be"},
      {{{"nameIdentifierFormat", ""}}, "addons.wsfed.nameIdentifierFormat must be a format"},
      {{{"encryptionPublicKey", key().public_pem()}}, "not encrypted"},
  };
  for (const auto& [addon, why] : cases) EXPECT_THAT(wsfed_refusal(addon), HasSubstr(why)) << json::write(addon);
}

}  // namespace
}  // namespace segue::management::saml_addon_rules_test
