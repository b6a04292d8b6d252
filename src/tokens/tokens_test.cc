#include <gtest/gtest.h>

#include "base/text.h"
#include "jose/jwt.h"
#include "tokens/access_token.h"
#include "tokens/id_token.h"

namespace segue::tokens {
namespace {

model::User ada() {
  model::User out;
  out.user_id = "auth0|ada";
  out.email = "ada@example.com";
  out.email_verified = true;
  out.profile = json::object{
      {"name", "Ada Lovelace"}, {"given_name", "Ada"}, {"user_metadata", json::object{{"secret", 1}}}, {"phone_number", "+1"}};
  out.updated_at = base::from_seconds(1'790'000'000);
  return out;
}

TEST(UserClaims, give_only_what_the_scope_asks_for) {
  const auto bare = user_claims(ada(), "openid");
  EXPECT_EQ(bare.size(), 1U);
  const auto profile = user_claims(ada(), "openid profile");
  EXPECT_EQ(json::find_string(profile, "name"), "Ada Lovelace");
  EXPECT_EQ(json::find_string(profile, "updated_at"), "2026-09-21T14:13:20.000Z");
  EXPECT_EQ(json::find(profile, "email"), nullptr);
  EXPECT_EQ(json::find(profile, "phone_number"), nullptr);
  EXPECT_EQ(json::find(profile, "user_metadata"), nullptr);
  const auto email = user_claims(ada(), "openid email phone");
  EXPECT_EQ(json::find_string(email, "email"), "ada@example.com");
  EXPECT_EQ(json::find_bool(email, "email_verified"), true);
  EXPECT_EQ(json::find_string(email, "phone_number"), "+1");
  EXPECT_EQ(json::find(email, "name"), nullptr);
}

}  // namespace
}  // namespace segue::tokens
