// What tools read and Segue does not have (src/management/not_served.cc): the answers of a tenant that has none of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "management/not_served.h"
#include "support/world.h"
#include "tenancy/management_scopes.h"

namespace segue::test {
namespace {

using http::Method;
using ::testing::Contains;
using ::testing::HasSubstr;

struct NotServed : testing::Test {
  World world;
  json::object refused(Method method, const std::string& path, const json::value& body) {
    const auto response = world.manage(method, path, body);
    EXPECT_EQ(response.status, 400) << path;
    return object_of(response);
  }
  std::string text(const std::string& path) {
    const auto response = world.manage(Method::get, path);
    EXPECT_EQ(response.status, 200) << path;
    return response.body;
  }
};

TEST_F(NotServed, lists_are_empty_in_the_shape_that_was_asked_for) {
  EXPECT_EQ(text("rules?page=0&per_page=100&include_totals=true"), R"({"start":0,"limit":100,"length":0,"total":0,"rules":[]})");
  EXPECT_EQ(text("rules-configs"), "[]");
  EXPECT_EQ(text("network-acls?take=10&include_totals=true"), R"({"network_acls":[]})");
  EXPECT_EQ(text("event-streams?take=50"), R"({"eventStreams":[]})");
  EXPECT_EQ(text("user-attribute-profiles"), R"({"user_attribute_profiles":[]})");
  EXPECT_EQ(world.manage(Method::get, "rules/rul_1").status, 404);
}

TEST_F(NotServed, a_write_is_refused_with_the_reason) {
  const auto error = refused(Method::post, "rules", {{"name", "r"}, {"script", "function (user, context, callback) {}"}});
  EXPECT_THAT(json::find_string(error, "message").value_or(""), HasSubstr("Actions do what they did"));
  EXPECT_EQ(json::find_string(error, "errorCode"), "operation_not_supported");
  refused(Method::patch, "risk-assessments/settings", {{"enabled", true}});
  refused(Method::patch, "risk-assessments/settings", {{"enabled", false}, {"more", 1}});
  refused(Method::patch, "risk-assessments/settings", json::array{});
}

TEST_F(NotServed, a_write_that_changes_nothing_succeeds_and_leaves_no_row) {
  EXPECT_EQ(world.manage(Method::patch, "risk-assessments/settings", {{"enabled", false}}).status, 200);
  EXPECT_EQ(world.manage(Method::patch, "supplemental-signals", {{"akamai_enabled", false}}).status, 200);
  // A part of what stands there, at any depth.
  EXPECT_EQ(world
                .manage(Method::patch, "attack-protection/breached-password-detection",
                        {{"enabled", false}, {"stage", json::object{{"pre-user-registration", json::object{}}}}})
                .status,
            200);
  EXPECT_EQ(world.manage(Method::put, "guardian/policies", json::array{}).status, 200);
  EXPECT_TRUE(world.logs("type:sapi").empty());
}

TEST_F(NotServed, a_factor_that_is_not_asked_for_cannot_be_demanded) {
  for (const auto* factor : {"sms", "otp", "email", "webauthn-roaming", "recovery-code"}) {
    const auto path = std::string("guardian/factors/") + factor;
    EXPECT_EQ(world.manage(Method::put, path, {{"enabled", false}}).status, 200) << factor;
    refused(Method::put, path, {{"enabled", true}});
  }
  refused(Method::put, "guardian/policies", json::array{"all-applications"});
  refused(Method::patch, "attack-protection/breached-password-detection", {{"enabled", true}});
  refused(Method::patch, "attack-protection/breached-password-detection",
          {{"stage", json::object{{"pre-user-registration", json::object{{"shields", json::array{"block"}}}}}}});
  refused(Method::patch, "attack-protection/captcha", {{"active_provider_id", "auth_challenge"}});
  refused(Method::patch, "attack-protection/bot-detection", {{"challenge_password_policy", "always"}});
  EXPECT_EQ(world.manage(Method::put, "guardian/factors/telepathy", {{"enabled", false}}).status, 404);
}

TEST_F(NotServed, what_hangs_under_another_resource_needs_it) {
  const auto organization = world.managed(Method::post, "organizations", {{"name", "acme"}}).as_object();
  const auto path = "organizations/" + *json::find_string(organization, "id");
  EXPECT_EQ(text(path + "/client-grants?page=0&per_page=50&include_totals=true"),
            R"({"start":0,"limit":50,"length":0,"total":0,"client_grants":[]})");
  EXPECT_EQ(text(path + "/discovery-domains?take=50"), R"({"domains":[]})");
  EXPECT_EQ(world.manage(Method::get, "organizations/org_none/client-grants").status, 404);
  EXPECT_EQ(world.manage(Method::get, "connections/con_none/scim-configuration").status, 404);
}

TEST(NotServedTable, names_scopes_that_exist) {
  for (const auto* const operation : management::not_served_operations()) {
    for (const auto& scope : operation->scopes) {
      // What cannot be done at all needs no scope that a tenant lists.
      if (operation->method == Method::get) {
        EXPECT_THAT(tenancy::management_scopes(), Contains(scope)) << operation->path;
      }
    }
  }
}

}  // namespace
}  // namespace segue::test
