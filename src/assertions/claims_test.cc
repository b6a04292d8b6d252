#include "assertions/claims.h"

#include <gmock/gmock.h>

namespace segue::assertions {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kClaims = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/";

Person ada() {
  return {.attributes = {{"user_id", "auth0|ada"},
                         {"email", "ada@example.com"},
                         {"email_verified", true},
                         {"logins_count", 3},
                         {"nickname", "ada"},
                         {"groups", {"one", "two"}},
                         {"app_metadata", {{"secret", "x"}}},
                         {"user_metadata", {{"colour", "blue"}}},
                         {"phone", nullptr}},
          .provider = "auth0",
          .connection = "Users",
          .client_id = "c1"};
}

model::SamlAddon addon(const json::object& settings = {}) { return *model::saml_addon_from(settings); }

std::vector<std::string> values(const std::vector<saml_messages::Attribute>& claims, const std::string& name) {
  std::vector<std::string> out;
  for (const auto& claim : claims) {
    if (claim.name != name) continue;
    for (const auto& value : claim.values) out.push_back(value.text);
  }
  return out;
}

TEST(Claims, have_the_usual_names_and_types) {
  const auto claims = claims_of(ada(), addon());
  EXPECT_THAT(values(claims, kClaims + "nameidentifier"), ElementsAre("auth0|ada"));
  EXPECT_THAT(values(claims, kClaims + "emailaddress"), ElementsAre("ada@example.com"));
  EXPECT_THAT(values(claims, kClaims + "upn"), ElementsAre("ada@example.com"));
  EXPECT_THAT(values(claims, "http://schemas.xmlsoap.org/claims/Group"), ElementsAre("one", "two"));
  EXPECT_THAT(values(claims, "http://schemas.auth0.com/nickname"), ElementsAre("ada"));
  EXPECT_THAT(values(claims, "http://schemas.auth0.com/identities/default/connection"), ElementsAre("Users"));
  EXPECT_THAT(values(claims, "http://schemas.auth0.com/clientID"), ElementsAre("c1"));
  for (const auto& claim : claims) {
    const bool counts = claim.name == "http://schemas.auth0.com/logins_count";
    const bool is_flag = claim.name.ends_with("email_verified") || claim.name.ends_with("isSocial");
    EXPECT_EQ(claim.values[0].type, counts ? "double" : is_flag ? "boolean" : "string") << claim.name;
    EXPECT_EQ(claim.name_format, "urn:oasis:names:tc:SAML:2.0:attrname-format:uri");
  }
}

TEST(Claims, never_hold_metadata_or_nothing) {
  for (const auto& claim : claims_of(ada(), addon({{"mapUnknownClaimsAsIs", true}, {"mappings", {{"app_metadata", "m"}}}}))) {
    EXPECT_NE(claim.name, "app_metadata");
    EXPECT_NE(claim.name, "m");
    EXPECT_NE(claim.name, "user_metadata");
    EXPECT_NE(claim.name, "phone");
  }
}

TEST(Claims, hold_of_the_metadata_what_a_mapping_names) {
  const auto claims = claims_of(
      ada(),
      addon({{"mappings",
              {{"user_metadata.colour", "urn:colour"}, {"app_metadata.none", "n"}, {"email.x", "e"}, {"user_metadata", "u"}}}}));
  EXPECT_THAT(values(claims, "urn:colour"), ElementsAre("blue"));
  for (const auto* const name : {"n", "e", "u", "http://schemas.auth0.com/user_metadata.colour"})
    EXPECT_THAT(values(claims, name), IsEmpty()) << name;
}

TEST(Claims, follow_the_mappings_and_what_is_said_of_the_rest) {
  const json::object mapped = {{"mappings", {{"email", {"mail", "e"}}, {"nickname", "mail"}}}};
  auto settings = mapped;
  settings["passthroughClaimsWithNoMapping"] = false;
  settings["mapIdentities"] = false;
  settings["createUpnClaim"] = false;
  settings["includeAttributeNameFormat"] = false;
  const auto strict = claims_of(ada(), addon(settings));
  ASSERT_EQ(strict.size(), 2u);
  EXPECT_THAT(values(strict, "mail"), ElementsAre("ada@example.com", "ada"));  // one attribute with both
  EXPECT_THAT(values(strict, "e"), ElementsAre("ada@example.com"));
  EXPECT_EQ(strict[0].name_format, "");

  settings = mapped;
  settings["mapUnknownClaimsAsIs"] = true;
  const auto open = claims_of(ada(), addon(settings));
  EXPECT_THAT(values(open, "user_id"), ElementsAre("auth0|ada"));
  EXPECT_THAT(values(open, "http://schemas.auth0.com/user_id"), IsEmpty());
}

std::optional<saml_messages::NameId> name_id(const json::object& settings, const Person& person = ada()) {
  const auto a = addon(settings);
  return name_id_of(claims_of(person, a), person, a);
}

TEST(NameId, is_the_first_probe_that_has_a_value) {
  EXPECT_EQ(name_id({})->value, "auth0|ada");
  const auto by_mail = name_id({{"nameIdentifierProbes", {"none", kClaims + "emailaddress"}},
                                {"nameIdentifierFormat", "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"}});
  EXPECT_EQ(by_mail->value, "ada@example.com");
  EXPECT_EQ(by_mail->format, "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress");
  EXPECT_FALSE(name_id({{"nameIdentifierProbes", {"none"}}}).has_value());
}

TEST(NameId, is_there_whatever_the_mappings_rename) {
  const auto probes = [](std::initializer_list<const char*> names) {
    json::array out;
    for (const auto* const name : names) out.emplace_back(kClaims + name);
    return out;
  };
  EXPECT_EQ(name_id({{"mappings", {{"email", "mail"}}}})->value, "auth0|ada");
  EXPECT_EQ(name_id({{"mappings", json::object()}})->value, "auth0|ada");
  EXPECT_EQ(name_id({{"mappings", {{"email", "mail"}}}, {"nameIdentifierProbes", probes({"emailaddress"})}})->value,
            "ada@example.com");
  // Set-ups that service providers publish.
  EXPECT_EQ(
      name_id({{"mappings", {{"email", kClaims + "nameidentifier"}}}, {"nameIdentifierProbes", probes({"emailaddress"})}})->value,
      "ada@example.com");
  EXPECT_EQ(name_id({{"mappings", {{"email", kClaims + "nameidentifier"}}}})->value, "ada@example.com");
  EXPECT_EQ(name_id({{"mappings", json::object()},
                     {"passthroughClaimsWithNoMapping", false},
                     {"nameIdentifierProbes", probes({"name", "emailaddress"})}})
                ->value,
            "ada@example.com");
}

TEST(NameId, is_what_readers_of_the_assertion_make_of_it) {
  const auto named = [](const std::string& name) {
    auto person = ada();
    person.attributes["name"] = name;
    return name_id({{"nameIdentifierProbes", {kClaims + "name", kClaims + "emailaddress"}}}, person)->value;
  };
  EXPECT_EQ(named(" Ada \n"), "Ada");
  EXPECT_EQ(named("A\r\nda\x01"), "A\nda\xEF\xBF\xBD");
  EXPECT_EQ(named("  "), "ada@example.com");
}

TEST(SamlAddon, has_the_defaults_of_the_wire_but_sha256) {
  const auto usual = addon();
  EXPECT_FALSE(usual.sha1_signature || usual.sha1_digest);
  EXPECT_TRUE(usual.sign_assertion && !usual.sign_response);
  EXPECT_EQ(usual.lifetime_in_seconds, 3600);
  EXPECT_TRUE(addon({{"audience", nullptr}}).audience.empty());
  const auto old = addon({{"signatureAlgorithm", "rsa-sha1"}, {"digestAlgorithm", "sha1"}, {"signResponse", true}});
  EXPECT_TRUE(old.sha1_signature && old.sha1_digest);
  EXPECT_TRUE(old.sign_response && !old.sign_assertion);
  EXPECT_TRUE(addon({{"signResponse", true}, {"signAssertion", true}}).sign_assertion);
  EXPECT_EQ(addon({{"logout", {{"callback", "https://sp.example/slo"}, {"slo_enabled", true}}}}).logout_callback,
            "https://sp.example/slo");
}

TEST(SamlAddon, says_which_field_is_wrong) {
  const std::vector<std::pair<json::object, std::string>> cases = {
      {{{"audience", 1}}, "audience must be a string"},
      {{{"createUpnClaim", "yes"}}, "createUpnClaim must be true or false"},
      {{{"signatureAlgorithm", "rsa-md5"}}, "signatureAlgorithm must be \"rsa-sha256\""},
      {{{"digestAlgorithm", "md5"}}, "digestAlgorithm must be \"sha256\""},
      {{{"lifetimeInSeconds", 0}}, "lifetimeInSeconds must be a number"},
      {{{"lifetimeInSeconds", "60"}}, "lifetimeInSeconds must be a number"},
      {{{"mappings", {{"email", 1}}}}, "mappings.email must be a list"},
      {{{"mappings", {{"email", ""}}}}, "mappings.email must be the name"},
      {{{"nameIdentifierProbes", json::array()}}, "nameIdentifierProbes must be"},
      {{{"nameIdentifierProbes", {1}}}, "nameIdentifierProbes must be"},
      {{{"signAssertion", false}}, "signAssertion must be true"},
      {{{"logout", {{"slo_enabled", 1}}}}, "slo_enabled must be"},
  };
  for (const auto& [settings, why] : cases) {
    const auto refused = model::saml_addon_from(settings);
    ASSERT_FALSE(refused.ok()) << why;
    EXPECT_THAT(refused.error().description, HasSubstr(why));
  }
}

}  // namespace
}  // namespace segue::assertions
