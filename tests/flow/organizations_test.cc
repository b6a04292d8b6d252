// Organizations: the Management API, sign-in for one, and what leaving one ends (contract §1.17, §2.1, §2.2, §9.11).
#include "openid.h"
#include "store/tenants.h"

namespace segue::test {
namespace {

struct Organizations : OpenId {
  Client app = world.create_client({{"name", "app"},
                                    {"app_type", "regular_web"},
                                    {"organization_usage", "allow"},
                                    {"callbacks", json::array{kCallback}},
                                    {"grant_types", json::array{"authorization_code", "refresh_token"}}});
  std::string connection_id = connection();
  std::string acme = organization("acme");
  http::Parameters for_acme = parameters({{"organization", acme}, {"scope", "openid offline_access"}});

  std::string connection() {
    const auto found = world.managed(http::Method::get, std::string("connections?name=") + kPasswordRealm);
    return json::find_string(found.as_array().at(0).as_object(), "id").value_or("");
  }
  std::string organization(const std::string& name, json::object enabled = {}) {
    json::object connection{{"connection_id", connection_id}};
    for (auto& [key, value] : enabled) connection[key] = value;
    const auto made =
        world.managed(http::Method::post, "organizations",
                      {{"name", name}, {"display_name", "The " + name}, {"enabled_connections", json::array{connection}}});
    return json::find_string(made.as_object(), "id").value_or("");
  }
  int status(http::Method method, const std::string& path, const json::value& body = nullptr) {
    return world.manage(method, path, body).status;
  }
  void join(const std::string& organization_id, const User& user) {
    EXPECT_EQ(
        status(http::Method::post, "organizations/" + organization_id + "/members", {{"members", json::array{user.user_id}}}),
        204);
  }
  void leave(const std::string& organization_id, const User& user) {
    EXPECT_EQ(
        status(http::Method::delete_, "organizations/" + organization_id + "/members", {{"members", json::array{user.user_id}}}),
        204);
  }
  // By hand: a tenant setting has no endpoint yet.
  void allow_names() {
    const auto tenant = world.tenant();
    world.node().product().tenants().change(tenant, [&](const store::Writer& w) {
      auto settings = world.node().product().tenants().snapshot(tenant)->tenant().settings;
      settings["allow_organization_name_in_authentication_api"] = true;
      store::tenants::update_settings(w, settings);
      return true;
    });
  }
  std::string not_in(const std::string& organization_id) {
    return "user is not part of the " + organization_id + " organization";
  }
};

// --- Who may sign in ---

TEST_F(Organizations, sign_in_a_member_and_stand_in_every_token) {
  join(acme, ada);
  const auto tokens = redeem(app, code(app, for_acme));
  ASSERT_EQ(tokens.status, 200) << json::write(tokens.body);
  EXPECT_EQ(claim(tokens.text("id_token"), "org_id"), acme);
  EXPECT_EQ(claim(tokens.text("id_token"), "org_name"), "") << "names are not allowed";
  EXPECT_EQ(world.logs("type:s AND organization_id:" + acme).size(), 1u);
  const auto refreshed = world.refresh(app, tokens.refresh_token());
  EXPECT_EQ(claim(refreshed.text("id_token"), "org_id"), acme);
  auto request = request_for(http::Method::get, "/userinfo");
  request.headers.add("authorization", "Bearer " + refreshed.access_token());
  EXPECT_EQ(json::find_string(object_of(world.send(request)), "org_id"), acme);
}

TEST_F(Organizations, refuse_who_is_no_member) {
  expect_told(sign_in(app, for_acme), "access_denied", not_in(acme));
  EXPECT_FALSE(browser.cookies().contains("auth0"));
  EXPECT_EQ(count_logs("type:f"), 1u);
}

TEST_F(Organizations, give_membership_on_login_where_the_connection_does) {
  const auto open = organization("open", {{"assign_membership_on_login", true}});
  EXPECT_FALSE(code(app, parameters({{"organization", open}})).empty());
  const auto members = world.managed(http::Method::get, "organizations/" + open + "/members").as_array();
  ASSERT_EQ(members.size(), 1u);
  EXPECT_EQ(json::find_string(members[0].as_object(), "user_id"), ada.user_id);
  EXPECT_EQ(count_logs("type:organization_member_added"), 1u);
}

TEST_F(Organizations, need_their_connection_to_be_enabled) {
  join(acme, ada);
  EXPECT_EQ(status(http::Method::delete_, "organizations/" + acme + "/enabled_connections/" + connection_id), 204);
  expect_page(authorize(app, for_acme), 400, "No connection is enabled");
}

// --- What a client may ask ---

TEST_F(Organizations, are_refused_where_the_client_does_not_allow_them_or_they_do_not_exist) {
  expect_told(authorize(web, for_acme), "invalid_request", "parameter organization is not allowed for this client");
  expect_told(authorize(app, parameters({{"organization", "org_0000000000000000"}})), "invalid_request",
              "parameter organization names no organization: send its id (org_…)");
  expect_told(authorize(app, parameters({{"organization", "acme"}})), "invalid_request",
              "parameter organization names no organization: send its id (org_…)");
}

TEST_F(Organizations, are_required_where_the_client_says_so) {
  patch_client(app, {{"organization_usage", "require"}});
  expect_told(authorize(app), "invalid_request", "parameter organization is required for this client");
  join(acme, ada);
  EXPECT_FALSE(code(app, for_acme).empty());
}

TEST_F(Organizations, go_by_name_where_the_tenant_allows_it) {
  allow_names();
  join(acme, ada);
  const auto tokens = redeem(app, code(app, parameters({{"organization", "ACME"}})));
  EXPECT_EQ(claim(tokens.text("id_token"), "org_id"), acme);
  EXPECT_EQ(claim(tokens.text("id_token"), "org_name"), "acme");
}

TEST_F(Organizations, fill_in_the_callback) {
  patch_client(app, {{"callbacks", json::array{kCallback, "https://{organization_name}.app.example/callback"}}});
  join(acme, ada);
  const auto url = [&](const std::string& callback, const http::Parameters& more) {
    return browser.open(authorize_url(app, callback, more));
  };
  EXPECT_TRUE(url("https://acme.app.example/callback", for_acme).is_login_page());
  EXPECT_EQ(url("https://other.app.example/callback", for_acme).status, 403);
  EXPECT_EQ(url("https://acme.app.example/callback", {}).status, 403);
  EXPECT_EQ(url("https://{organization_name}.app.example/callback", {}).status, 403);
}

// --- Sessions ---

TEST_F(Organizations, have_sessions_of_their_own) {
  const auto other = organization("other");
  join(acme, ada);
  join(other, ada);
  sign_in(app, for_acme);
  EXPECT_FALSE(authorize(app, for_acme).parameter("code").empty());
  EXPECT_TRUE(authorize(app, parameters({{"organization", other}})).is_login_page());
  EXPECT_TRUE(authorize(app).is_login_page());
}

TEST_F(Organizations, end_for_a_member_who_is_removed) {
  join(acme, ada);
  const auto tokens = redeem(app, code(app, for_acme));
  const auto in_flight = authorize(app, for_acme).parameter("code");
  leave(acme, ada);
  expect_refused(world.refresh(app, tokens.refresh_token()), 403, "access_denied", not_in(acme));
  expect_refused(redeem(app, in_flight), 403, "access_denied", not_in(acme));
  EXPECT_TRUE(authorize(app, for_acme).is_login_page());
  expect_told(sign_in(app, for_acme), "access_denied", not_in(acme));
  join(acme, ada);
  EXPECT_EQ(world.refresh(app, tokens.refresh_token()).status, 200) << "a refused refresh token stays as it was";
}

TEST_F(Organizations, end_when_they_are_deleted) {
  join(acme, ada);
  const auto tokens = redeem(app, code(app, for_acme));
  const auto login = authorize(app, parameters({{"organization", acme}, {"prompt", "login"}}));
  EXPECT_EQ(status(http::Method::delete_, "organizations/" + acme), 204);
  expect_refused(world.refresh(app, tokens.refresh_token()), 403, "access_denied", not_in(acme));
  expect_told(browser.submit_login(login, ada), "invalid_request",
              "parameter organization names no organization: send its id (org_…)");
}

// --- Grants without a page ---

TEST_F(Organizations, are_not_served_by_the_password_grant) {
  const auto native = world.native_client({{"organization_usage", "require"}});
  EXPECT_EQ(world.password_tokens(native, ada).text("error_description"), "parameter organization is required for this client");
}

TEST_F(Organizations, stand_in_a_machines_token_where_its_grant_allows_any) {
  create_api();
  const auto machine = world.create_client({{"name", "m"}, {"app_type", "non_interactive"}});
  const auto ask = [&] {
    return world.token_request(parameters({{"grant_type", "client_credentials"},
                                           {"client_id", machine.client_id},
                                           {"client_secret", machine.client_secret},
                                           {"audience", kApi},
                                           {"organization", acme}}));
  };
  const auto grant = world.managed(http::Method::post, "client-grants",
                                   {{"client_id", machine.client_id}, {"audience", kApi}, {"scope", json::array{}}});
  EXPECT_EQ(ask().error(), "invalid_request");
  const auto id = json::find_string(grant.as_object(), "id").value_or("");
  world.managed(http::Method::patch, "client-grants/" + id, {{"organization_usage", "allow"}, {"allow_any_organization", true}});
  EXPECT_EQ(claim(ask().access_token(), "org_id"), acme);
}

// --- Management API ---

TEST_F(Organizations, are_managed) {
  const auto path = "organizations/" + acme;
  EXPECT_EQ(status(http::Method::post, "organizations", {{"name", "acme"}}), 409);
  EXPECT_EQ(status(http::Method::post, "organizations", {{"name", "Acme"}}), 400);
  EXPECT_EQ(status(http::Method::post, "organizations", {{"name", "org_acme"}}), 400);
  EXPECT_EQ(status(http::Method::post, "organizations", {{"display_name", "nameless"}}), 400);
  EXPECT_EQ(status(http::Method::post, "organizations",
                   {{"name", "x"}, {"enabled_connections", json::array{json::object{{"connection_id", "con_none"}}}}}),
            400);
  EXPECT_EQ(json::find_string(world.managed(http::Method::get, path).as_object(), "display_name"), "The acme");
  EXPECT_EQ(json::find_string(world.managed(http::Method::get, "organizations/name/acme").as_object(), "id"), acme);
  EXPECT_EQ(status(http::Method::get, "organizations/name/none"), 404);
  const auto changed =
      world.managed(http::Method::patch, path, {{"display_name", "Acme"}, {"metadata", json::object{{"a", "b"}}}});
  EXPECT_EQ(json::find_string(changed.as_object(), "name"), "acme");
  EXPECT_EQ(json::find_string(changed.as_object(), "display_name"), "Acme");
  const auto list = world.managed(http::Method::get, "organizations?include_totals=true").as_object();
  EXPECT_EQ(json::find_integer(list, "total"), 1);
  EXPECT_EQ(world.managed(http::Method::get, "organizations?take=1").as_object().at("organizations").as_array().size(), 1u);
  EXPECT_EQ(status(http::Method::delete_, path), 204);
  EXPECT_EQ(status(http::Method::delete_, path), 404);
  EXPECT_EQ(status(http::Method::get, path), 404);
  EXPECT_EQ(status(http::Method::patch, path, {{"display_name", "x"}}), 404);
}

TEST_F(Organizations, list_their_members_and_a_users_organizations) {
  join(acme, ada);
  const auto path = "organizations/" + acme + "/members";
  const auto member = world.managed(http::Method::get, path).as_array().at(0).as_object();
  EXPECT_EQ(json::find_string(member, "email"), ada.email);
  EXPECT_FALSE(member.contains("identities"));
  EXPECT_EQ(world.managed(http::Method::get, path + "?take=5").as_object().at("members").as_array().size(), 1u);
  EXPECT_EQ(status(http::Method::post, path, {{"members", json::array{"auth0|nobody"}}}), 400);
  EXPECT_EQ(status(http::Method::post, path, {{"members", json::array{}}}), 400);
  EXPECT_EQ(status(http::Method::get, "organizations/org_none/members"), 404);
  const auto user = "users/" + base::percent_encode(ada.user_id) + "/organizations";
  EXPECT_EQ(json::find_string(world.managed(http::Method::get, user).as_array().at(0).as_object(), "id"), acme);
  leave(acme, ada);
  EXPECT_TRUE(world.managed(http::Method::get, user).as_array().empty());
  EXPECT_EQ(status(http::Method::get, "users/auth0%7Cnobody/organizations"), 404);
}

TEST_F(Organizations, manage_their_connections) {
  const auto path = "organizations/" + acme + "/enabled_connections";
  const auto one = path + "/" + connection_id;
  EXPECT_EQ(status(http::Method::post, path, {{"connection_id", connection_id}}), 409);
  EXPECT_EQ(status(http::Method::post, path, {{"connection_id", "con_none"}}), 400);
  const auto changed = world.managed(http::Method::patch, one, {{"assign_membership_on_login", true}}).as_object();
  EXPECT_EQ(json::find_bool(changed, "assign_membership_on_login"), true);
  EXPECT_EQ(json::find_bool(changed, "show_as_button"), true);
  const auto listed = world.managed(http::Method::get, path).as_array().at(0).as_object();
  EXPECT_EQ(json::find_string(*json::find_object(listed, "connection"), "name"), kPasswordRealm);
  EXPECT_EQ(status(http::Method::delete_, one), 204);
  EXPECT_EQ(status(http::Method::get, one), 404);
  EXPECT_EQ(status(http::Method::patch, one, json::object{}), 404);
  EXPECT_EQ(status(http::Method::post, path, {{"connection_id", connection_id}}), 201);
}

}  // namespace
}  // namespace segue::test
