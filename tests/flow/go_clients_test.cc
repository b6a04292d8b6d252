// What the Terraform provider and other clients in Go send and read back (tests/tools/terraform.test.mjs runs the provider
// itself).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/world.h"

namespace segue::test {
namespace {

using http::Method;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct GoClients : testing::Test {
  World world;
  std::string id_of(const char* list, const json::object& body, const char* member = "id") {
    return *json::find_string(managed(Method::post, list, body), member);
  }
  json::object managed(Method method, const std::string& path, const json::object& body) {
    return world.managed(method, path, body).get_object();
  }
  json::object get(const std::string& path) { return world.managed(Method::get, path).get_object(); }
  std::string refused(Method method, const std::string& path, const json::value& body) {
    const auto response = world.manage(method, path, body);
    EXPECT_EQ(response.status, 400) << path << response.body;
    return json::find_string(object_of(response), "message").value_or("");
  }
};

TEST_F(GoClients, ask_every_list_for_totals_and_pages) {
  const auto client = id_of("clients", {{"name", "machine"}, {"app_type", "non_interactive"}}, "client_id");
  EXPECT_EQ(world.manage(Method::get, "clients/" + client + "/credentials?include_totals=true&per_page=50").body, "[]");
  const auto user =
      id_of("users",
            {{"connection", "Username-Password-Authentication"}, {"email", "go@example.com"}, {"password", "Correct-horse-9182"}},
            "user_id");
  EXPECT_EQ(world.manage(Method::get, "users/" + user + "/refresh-tokens?include_totals=true&per_page=50").status, 200);
  EXPECT_EQ(world.manage(Method::get, "users/" + user + "/sessions?include_totals=true&per_page=50").status, 200);
  EXPECT_EQ(world.manage(Method::get, "users/" + user + "/sessions?per_page=0").status, 400);
}

TEST_F(GoClients, find_the_id_in_every_answer_of_a_connection) {
  const auto id = id_of("connections", {{"name", "people"}, {"strategy", "auth0"}});
  EXPECT_EQ(get("connections/" + id + "?fields=strategy,name&include_fields=true"),
            (json::object{{"id", id}, {"name", "people"}, {"strategy", "auth0"}}));
  EXPECT_EQ(get("connections/" + id + "?fields=id,options&include_fields=false")["id"].as_string(), id);
}

TEST_F(GoClients, take_settings_of_a_client_away_with_null) {
  const auto client = "clients/" + id_of("clients", {{"name", "web"}, {"app_type", "regular_web"}}, "client_id");
  managed(Method::patch, client,
          {{"oidc_logout", json::object{{"backchannel_logout_urls", json::array{"https://web.example/logout"}}}},
           {"organization_discovery_methods", json::array{"email"}}});
  const auto changed = managed(Method::patch, client,
                               {{"oidc_backchannel_logout", nullptr},
                                {"organization_discovery_methods", nullptr},
                                {"skip_non_verifiable_callback_uri_confirmation_prompt", nullptr}});
  EXPECT_FALSE(changed.contains("oidc_logout"));
  EXPECT_FALSE(changed.contains("organization_discovery_methods"));
}

TEST_F(GoClients, change_the_way_in_which_a_client_proves_itself) {
  const auto client = "clients/" + id_of("clients", {{"name", "machine"}, {"app_type", "non_interactive"}}, "client_id");
  const auto secret = get(client).at("client_secret");
  EXPECT_THAT(refused(Method::post, "clients",
                      {{"name", "keyless"},
                       {"client_authentication_methods",
                        json::object{{"private_key_jwt", json::object{{"credentials", json::array{}}}}}}}),
              HasSubstr("too short"));
  const json::object keyless{
      {"token_endpoint_auth_method", nullptr},
      {"client_authentication_methods", json::object{{"private_key_jwt", json::object{{"credentials", json::array{}}}}}}};
  EXPECT_FALSE(managed(Method::patch, client, keyless).contains("client_secret")) << "it is not what the client proves itself by";
  const auto back = managed(Method::patch, client,
                            {{"client_authentication_methods", nullptr}, {"token_endpoint_auth_method", "client_secret_post"}});
  EXPECT_EQ(back.at("client_secret"), secret);
}

TEST_F(GoClients, are_told_of_the_strategy_before_its_options) {
  EXPECT_THAT(refused(Method::post, "connections",
                      {{"name", "elsewhere"}, {"strategy", "oidc"}, {"options", json::object{{"client_id", "x"}}}}),
              HasSubstr("the user database is the only kind of connection here"));
  EXPECT_THAT(refused(Method::post, "emails/provider", {{"name", "ses"}, {"credentials", json::object{{"region", "x"}}}}),
              HasSubstr("mail is sent by SMTP here"));
}

TEST_F(GoClients, say_whose_a_role_is_and_hear_of_what_an_organization_has_not) {
  EXPECT_EQ(managed(Method::post, "roles", {{"name", "reader"}, {"type", "tenant"}}).at("type").as_string(), "tenant");
  EXPECT_THAT(refused(Method::post, "roles", {{"name", "writer"}, {"type", "organization"}, {"owner_id", "org_1"}}),
              HasSubstr("roles are the tenant's here"));
  const auto acme = "organizations/" + id_of("organizations", {{"name", "acme"}, {"is_app_entitlement_active", false}});
  EXPECT_THAT(refused(Method::patch, acme, {{"is_app_entitlement_active", true}}), HasSubstr("every client of the tenant"));
  EXPECT_THAT(refused(Method::patch, acme, {{"third_party_client_access", "block"}}), HasSubstr("are not kept out"));
  EXPECT_EQ(managed(Method::patch, acme, {{"third_party_client_access", "allow"}}).at("third_party_client_access").as_string(),
            "allow");
}

TEST_F(GoClients, put_a_screen_without_texts_and_find_none) {
  managed(Method::put, "prompts/signup/partials", {{"signup", json::object{{"form-content-start", "<b>x</b>"}}}});
  EXPECT_THAT(managed(Method::put, "prompts/signup/partials", {{"signup", json::object{}}}), IsEmpty());
  EXPECT_THAT(get("prompts/signup/partials"), IsEmpty());
}

TEST_F(GoClients, search_custom_domains_by_their_beginning) {
  for (const auto* domain : {"one.example.org", "onward.example.org", "two.example.org"})
    managed(Method::post, "custom-domains", {{"domain", domain}, {"type", "self_managed_certs"}});
  const auto found = [&](const std::string& q) { return get("custom-domains?take=100&q=" + q).at("custom_domains").get_array(); };
  EXPECT_THAT(found("domain:on*"), SizeIs(2));
  EXPECT_THAT(found("domain:ONE.example.org"), SizeIs(1));
  EXPECT_THAT(found("domain:on"), IsEmpty());
  EXPECT_THAT(found("status:pending*"), SizeIs(3));
  EXPECT_EQ(world.manage(Method::get, "custom-domains?q=type:x").status, 400);
  EXPECT_EQ(world.manage(Method::get, "custom-domains?q=domain:a%20OR%20b").status, 400);
}

TEST_F(GoClients, read_what_the_scopes_of_the_system_api_are_for) {
  const auto apis = world.manage(Method::get, "resource-servers");
  EXPECT_THAT(apis.body, HasSubstr(R"({"value":"read:client_grants","description":"Read Client Grants"})"));
}

}  // namespace
}  // namespace segue::test
