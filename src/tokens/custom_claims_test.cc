// Which claims an Action may set: the table of contract §3.6.
#include "tokens/custom_claims.h"

#include <gtest/gtest.h>

namespace segue::tokens {
namespace {

TEST(CustomClaims, may_be_plain_namespaced_or_of_the_profile) {
  for (const auto name : {"department", "https://example.com/roles", "http://example.com/x", "urn:example:tier", "email", "name",
                          "phone_number", "https://notauth0.com/x", "https://auth0.com.example/x", "Sub"})
    EXPECT_TRUE(may_be_claimed(name)) << name;
}

TEST(CustomClaims, are_never_those_that_a_token_says_itself) {
  for (const auto name :
       {"",    "sub", "iss", "aud",       "exp", "iat", "azp",   "scope",   "sid",       "org_id", "permissions", "roles",
        "gty", "cnf", "act", "auth_time", "amr", "acr", "nonce", "at_hash", "client_id", "jti",    "typ",         "x5t#S256"})
    EXPECT_FALSE(may_be_claimed(name)) << name;
}

TEST(CustomClaims, are_not_in_the_namespaces_of_the_vendor) {
  for (const auto name : {"https://auth0.com/x", "https://tenant.auth0.com/x", "http://webtask.io/", "https://a.okta.com",
                          "https://AUTH0.com/x", "https://user@auth0.com/x", "https://auth0.com:8443/x"})
    EXPECT_FALSE(may_be_claimed(name)) << name;
}

TEST(CustomClaims, are_namespaced_in_a_token_for_an_api_of_this_server) {
  EXPECT_FALSE(may_be_claimed("department", true));
  EXPECT_FALSE(may_be_claimed("email", true));
  EXPECT_TRUE(may_be_claimed("https://example.com/department", true));
}

TEST(CustomClaims, end_where_they_grow_too_large) {
  json::object claims;
  add_custom_claims(claims, {{"a", std::string(60 * 1024, 'a')}, {"sub", "x"}, {"b", std::string(60 * 1024, 'b')}});
  EXPECT_TRUE(claims.contains("a"));
  EXPECT_FALSE(claims.contains("b"));
  EXPECT_FALSE(claims.contains("sub"));
}

}  // namespace
}  // namespace segue::tokens
