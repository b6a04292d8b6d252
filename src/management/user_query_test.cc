#include "management/user_query.h"

#include <gtest/gtest.h>

namespace segue::management {
namespace {

const json::object kAda = json::parse(R"({
    "user_id": "auth0|ada", "email": "Ada@Example.com", "name": "Ada Lovelace", "nickname": "ada", "email_verified": true,
    "logins_count": 12, "created_at": "2024-03-01T10:00:00.000Z", "last_login": "2024-05-01T00:00:00.000Z",
    "identities": [{"connection": "Users", "provider": "auth0", "user_id": "ada", "isSocial": false}],
    "user_metadata": {"plan": "gold", "size": 42, "tags": ["a", "b c"], "address": {"city": "London"}},
    "app_metadata": {"plan-of-2024": "silver"}})")
                              ->get_object();

// The query, and whether it means Ada.
struct Case {
  const char* q;
  bool holds;
};

TEST(UserQuery, tells_whom_it_means) {
  const Case cases[] = {
      {"", true},
      {"*", true},
      {R"(email:"ada@example.com")", true},
      {R"(email.raw:"ada@example.com")", false},
      {R"(email.raw:"Ada@Example.com")", true},
      {"email:ada*", true},
      {"email:*@example.com", true},
      {"email:example", false},
      {"name:ada", true},
      {"name:love*", true},
      {R"(name:"ada lovelace")", true},
      {R"(name:"lovelace ada")", false},
      {"name:*velac*", true},
      {"name.raw:Ada", false},
      {"nickname:ADA", true},
      {"user_id:auth0|ada", true},
      {"user_id:AUTH0|ada", false},
      {"ada", true},
      {"bob", false},
      {"email_verified:true", true},
      {"email_verified:false", false},
      {"blocked:true", false},
      {"NOT blocked:true", true},
      {"_exists_:blocked", false},
      {"_exists_:app_metadata", true},
      {"_exists_:user_metadata.plan", true},
      {"logins_count:12", true},
      {"logins_count:[2 TO 100]", true},
      {"logins_count:{12 TO *]", false},
      {"logins_count:[* TO 9]", false},
      {"created_at:[2024-01-01 TO 2024-12-31]", true},
      {"created_at:2024-03-01", true},
      {"created_at:[2024-03-02 TO *]", false},
      {"last_login:{2024-05-01 TO *]", false},
      {"identities.connection:Users", true},
      {R"(identities.provider:"google-oauth2")", false},
      {"identities.isSocial:false", true},
      {"user_metadata.plan:gold", true},
      {"user_metadata.plan:Gold", false},
      {"user_metadata.size:42", true},
      {R"(user_metadata.tags:"b c")", true},
      {"user_metadata.tags:c", false},
      {"user_metadata.address.city:Lon*", true},
      {"app_metadata.plan-of-2024:silver", true},
      {"user_metadata.none:x", false},
      {"user_metadata:gold", false},
      {"name:ada AND user_metadata.plan:silver", false},
      {"name:ada OR user_metadata.plan:silver", true},
      {"name:(bob OR ada) AND -email_verified:false", true},
  };
  for (const auto& each : cases) {
    const auto query = UserQuery::read(each.q);
    ASSERT_TRUE(query.ok()) << each.q << ": " << query.error().description;
    EXPECT_EQ(query->holds(kAda), each.holds) << each.q;
  }
}

TEST(UserQuery, refuses_what_users_do_not_have_and_what_cannot_be_served) {
  for (const auto* q :
       {"shoe_size:4", "password_hash:x", "user_id.raw:x", "email:a?b", "email:~x", "name:*a*", "(name:a", "logins_count:["}) {
    const auto query = UserQuery::read(q);
    ASSERT_FALSE(query.ok()) << q;
    EXPECT_EQ(query.error().code, "invalid_query_string") << q;
  }
}

TEST(UserQuery, leads_to_the_users_that_it_names) {
  const auto leads = [](const char* q) {
    const auto out = UserQuery::read(q)->leads();
    return out ? static_cast<int>(out->size()) : -1;
  };
  EXPECT_EQ(leads("email:a@b.c"), 1);
  EXPECT_EQ(leads("user_id:(\"auth0|a\" OR \"auth0|b\")"), 2);
  EXPECT_EQ(leads("email:a@b.c AND name:x"), 1);
  EXPECT_EQ(leads("email:a@b.c OR name:x"), -1);
  EXPECT_EQ(leads("NOT email:a@b.c"), -1);
  EXPECT_EQ(leads("email:a*"), -1);
  EXPECT_EQ(leads(""), -1);
}

}  // namespace
}  // namespace segue::management
