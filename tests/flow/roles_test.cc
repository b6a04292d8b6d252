// Roles and permissions: the Management API, and what they let a token say at every grant (contract §3.6, §9.7, §9.11).
#include <gmock/gmock.h>

#include "openid.h"
#include "support/actions.h"

namespace segue::test {
namespace {

using http::Method;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

json::object permission(const std::string& name, const std::string& api = kApi) {
  return {{"resource_server_identifier", api}, {"permission_name", name}};
}
json::object permissions(std::initializer_list<std::string> names) {
  json::array out;
  for (const auto& name : names) out.push_back(permission(name));
  return {{"permissions", std::move(out)}};
}

struct Roles : OpenId {
  explicit Roles(WorldOptions options = {}) : OpenId(options) {
    create_api({{"enforce_policies", true}, {"token_dialect", "access_token_authz"}});
  }

  std::string on(const User& user) { return "users/" + base::percent_encode(user.user_id); }
  std::string create_role(const std::string& name, std::initializer_list<std::string> names = {}) {
    const auto made = world.managed(Method::post, "roles", {{"name", name}});
    const auto id = json::find_string(made.as_object(), "id").value_or("");
    if (names.size() > 0) world.managed(Method::post, "roles/" + id + "/permissions", permissions(names));
    return id;
  }
  void give(const User& user, const std::string& role_id) {
    world.managed(Method::post, on(user) + "/roles", {{"roles", json::array{role_id}}});
  }
  void take(const User& user, const std::string& role_id) {
    world.managed(Method::delete_, on(user) + "/roles", {{"roles", json::array{role_id}}});
  }
  void permit(const User& user, std::initializer_list<std::string> names) {
    world.managed(Method::post, on(user) + "/permissions", permissions(names));
  }
  void patch_api(json::object fields) { world.managed(Method::patch, "resource-servers/" + base::percent_encode(kApi), fields); }
  std::vector<std::string> names(const std::string& path, const std::string& member) {
    std::vector<std::string> out;
    const auto list = world.managed(Method::get, path);
    for (const auto& each : list.as_array()) out.push_back(json::find_string(each.as_object(), member).value_or(""));
    return out;
  }
  int status(Method method, const std::string& path, const json::value& body = nullptr) {
    return world.manage(method, path, body).status;
  }
  std::string message(Method method, const std::string& path, const json::value& body = nullptr) {
    return json::find_string(object_of(world.manage(method, path, body)), "message").value_or("");
  }
};

std::vector<std::string> said(const std::string& token) { return json::find_strings(claims_of(token), "permissions"); }
std::string scope_of(const std::string& token) { return claim(token, "scope"); }

// --- The Management API ---

TEST_F(Roles, are_created_listed_changed_and_deleted) {
  const auto created = world.manage(Method::post, "roles", {{"name", "reader"}, {"description", "Reads"}});
  EXPECT_EQ(created.status, 200);
  const auto id = json::find_string(object_of(created), "id").value_or("");
  EXPECT_TRUE(id.starts_with("rol_"));
  EXPECT_EQ(object_of(created), (json::object{{"id", id}, {"name", "reader"}, {"description", "Reads"}, {"type", "tenant"}}));
  EXPECT_EQ(status(Method::post, "roles", {{"name", "reader"}}), 409);
  EXPECT_EQ(status(Method::post, "roles", {{"description", "nameless"}}), 400);
  EXPECT_EQ(status(Method::post, "roles", {{"name", "a"}, {"colour", "red"}}), 400);
  const auto bare = create_role("author");
  EXPECT_EQ(json::find(world.managed(Method::get, "roles/" + bare).as_object(), "description"), nullptr);
  EXPECT_THAT(names("roles", "name"), ElementsAre("author", "reader"));
  EXPECT_THAT(names("roles?name_filter=READ&type=tenant", "name"), ElementsAre("reader"));
  const auto page = world.managed(Method::get, "roles?per_page=1&page=1&include_totals=true").as_object();
  EXPECT_EQ(json::find_integer(page, "total"), 2);
  EXPECT_EQ(page.at("roles").as_array().size(), 1u);

  const auto changed = world.managed(Method::patch, "roles/" + id, {{"description", "Reads books"}}).as_object();
  EXPECT_EQ(json::find_string(changed, "name"), "reader");
  EXPECT_EQ(json::find_string(changed, "description"), "Reads books");
  EXPECT_EQ(status(Method::patch, "roles/" + id, {{"name", "author"}}), 409);
  EXPECT_EQ(message(Method::patch, "roles/rol_none", {{"name", "x"}}), "The role does not exist.");

  const auto deleted = world.manage(Method::delete_, "roles/" + id);
  EXPECT_EQ(deleted.status, 200);
  EXPECT_EQ(deleted.body, "{}");
  EXPECT_EQ(status(Method::get, "roles/" + id), 404);
  EXPECT_EQ(status(Method::delete_, "roles/" + id), 200);
}

TEST_F(Roles, have_permissions_that_apis_define) {
  const auto role = create_role("reader");
  const auto path = "roles/" + role + "/permissions";
  EXPECT_EQ(status(Method::post, path, permissions({"read:books", "write:books"})), 201);
  const auto listed = world.managed(Method::get, path + "?include_totals=true").as_object();
  EXPECT_EQ(json::find_integer(listed, "total"), 2);
  EXPECT_EQ(listed.at("permissions").as_array().at(0), (json::object{{"permission_name", "read:books"},
                                                                     {"resource_server_identifier", kApi},
                                                                     {"resource_server_name", "books"},
                                                                     {"description", ""}}));
  EXPECT_EQ(status(Method::post, path, permissions({"burn:books"})), 404);
  EXPECT_EQ(message(Method::post, path, {{"permissions", json::array{permission("x", "https://none.example/")}}}),
            "The resource server does not exist");
  EXPECT_EQ(status(Method::post, path, {{"permissions", json::array{}}}), 400);
  EXPECT_EQ(status(Method::post, path, {{"permissions", json::array{json::object{{"permission_name", "read:books"}}}}}), 400);
  EXPECT_EQ(status(Method::post, "roles/rol_none/permissions", permissions({"read:books"})), 404);
  EXPECT_EQ(status(Method::delete_, path, permissions({"write:books", "burn:books"})), 200);
  EXPECT_THAT(names(path, "permission_name"), ElementsAre("read:books"));
  patch_api({{"scopes", json::array{json::object{{"value", "write:books"}}}}});
  EXPECT_THAT(names(path, "permission_name"), IsEmpty()) << "a permission falls with its scope";
}

TEST_F(Roles, are_told_with_all_that_they_let_a_user_do) {
  const auto reader = create_role("reader"), writer = create_role("writer");
  EXPECT_EQ(status(Method::post, "roles/" + reader + "/permissions", permissions({"read:books"})), 201);
  EXPECT_EQ(status(Method::post, on(ada) + "/permissions", permissions({"read:books", "write:books"})), 201);
  EXPECT_EQ(status(Method::post, on(ada) + "/roles", {{"roles", json::array{reader, writer}}}), 204);

  const auto at_books = "?resource_server_identifier=" + std::string(kApi);
  const auto may = world.managed(Method::get, on(ada) + "/effective-permissions" + at_books).as_object();
  ASSERT_EQ(may.at("permissions").as_array().size(), 2u);
  const auto& first = may.at("permissions").as_array().at(0).as_object();
  EXPECT_EQ(json::find_string(first, "permission_name"), "read:books");
  EXPECT_EQ(json::write(first.at("sources")), R"(["direct","roles"])");
  EXPECT_FALSE(may.contains("next"));
  const auto page = world.managed(Method::get, on(ada) + "/effective-permissions" + at_books + "&take=1").as_object();
  const auto rest = world.managed(
      Method::get, on(ada) + "/effective-permissions" + at_books + "&take=1&from=" + *json::find_string(page, "next"));
  EXPECT_EQ(json::find_string(rest.as_object().at("permissions").as_array().at(0).as_object(), "permission_name"), "write:books");

  const auto roles = world.managed(Method::get, on(ada) + "/effective-roles").as_object().at("roles").as_array();
  ASSERT_EQ(roles.size(), 2u);
  EXPECT_EQ(json::write(roles.at(0).as_object().at("sources")), R"(["direct"])");
  const auto sources = world
                           .managed(Method::get, on(ada) + "/effective-permissions/sources/effective-roles" + at_books +
                                                     "&permission_name=read:books")
                           .as_object()
                           .at("roles")
                           .as_array();
  ASSERT_EQ(sources.size(), 1u);
  EXPECT_EQ(json::find_string(sources.at(0).as_object(), "id"), reader);
  const auto groups = on(ada) + "/effective-roles/sources/groups";
  EXPECT_EQ(json::write(world.managed(Method::get, groups + "?role_id=" + reader)), R"({"groups":[]})");
  EXPECT_EQ(status(Method::get, groups), 400);
  EXPECT_EQ(status(Method::get, groups + "?role_id=rol_none"), 404);
  EXPECT_EQ(status(Method::get, "users/auth0%7Cnone/effective-roles/sources/groups?role_id=" + reader), 404);
  EXPECT_EQ(
      status(Method::get, "organizations/org_none/members/" + ada.user_id + "/effective-roles/sources/groups?role_id=" + reader),
      404);
  EXPECT_EQ(status(Method::get, on(ada) + "/effective-permissions"), 400);
  EXPECT_EQ(status(Method::get, on(ada) + "/effective-permissions?resource_server_identifier=none"), 404);
  EXPECT_EQ(status(Method::get, "users/auth0%7Cnone/effective-roles"), 404);
  EXPECT_EQ(status(Method::get, "organizations/org_none/members/" + ada.user_id + "/effective-roles"), 404);
}

TEST_F(Roles, are_given_to_users_from_both_sides_and_taken) {
  const auto reader = create_role("reader"), writer = create_role("writer");
  const auto path = on(ada) + "/roles";
  EXPECT_EQ(status(Method::post, path, {{"roles", json::array{reader}}}), 204);
  EXPECT_EQ(status(Method::post, "roles/" + writer + "/users", {{"users", json::array{ada.user_id}}}), 200);
  EXPECT_THAT(names(path, "name"), ElementsAre("reader", "writer"));
  EXPECT_THAT(names("roles/" + reader + "/users", "user_id"), ElementsAre(ada.user_id));
  const auto listed = world.managed(Method::get, "roles/" + reader + "/users?take=1").as_object();
  EXPECT_EQ(listed.at("users").as_array().size(), 1u);
  EXPECT_EQ(json::find(listed, "next"), nullptr);
  EXPECT_EQ(status(Method::post, path, {{"roles", json::array{"rol_none"}}}), 404);
  EXPECT_EQ(message(Method::post, "roles/" + reader + "/users", {{"users", json::array{ada.user_id, "auth0|none"}}}),
            "One or more of the users do not exist");
  EXPECT_EQ(status(Method::post, "users/auth0%7Cnone/roles", {{"roles", json::array{reader}}}), 404);
  EXPECT_EQ(status(Method::delete_, path, {{"roles", json::array{reader}}}), 204);
  EXPECT_THAT(names(path, "name"), ElementsAre("writer"));
  world.managed(Method::delete_, "roles/" + writer);
  EXPECT_THAT(names(path, "name"), IsEmpty());
}

TEST_F(Roles, show_where_a_users_permissions_come_from) {
  const auto role = create_role("reader", {"read:books"});
  give(ada, role);
  permit(ada, {"read:books", "write:books"});
  const auto listed = world.managed(Method::get, on(ada) + "/permissions").as_array();
  ASSERT_EQ(listed.size(), 2u);
  const auto& sources = listed[0].as_object().at("sources").as_array();
  ASSERT_EQ(sources.size(), 2u);
  EXPECT_EQ(sources[0], (json::object{{"source_id", ""}, {"source_name", ""}, {"source_type", "DIRECT"}}));
  EXPECT_EQ(sources[1], (json::object{{"source_id", role}, {"source_name", "reader"}, {"source_type", "ROLE"}}));
  EXPECT_EQ(status(Method::delete_, on(ada) + "/permissions", permissions({"read:books"})), 204);
  EXPECT_EQ(world.managed(Method::get, on(ada) + "/permissions?per_page=1&page=1").as_array().size(), 1u);
  EXPECT_EQ(status(Method::post, on(ada) + "/permissions", permissions({"burn:books"})), 404);
  EXPECT_EQ(status(Method::get, "users/auth0%7Cnone/permissions"), 404);
}

// --- Tokens ---

struct Rbac : Roles {
  explicit Rbac(WorldOptions options = {}) : Roles(options) {}
  Client app =
      world.create_client({{"name", "app"},
                           {"app_type", "regular_web"},
                           {"callbacks", json::array{kCallback}},
                           {"organization_usage", "allow"},
                           {"grant_types", json::array{"authorization_code", "refresh_token", "implicit", "client_credentials",
                                                       "http://auth0.com/oauth/grant-type/password-realm"}}});
  http::Parameters asking(const std::string& more = "") {
    return parameters({{"audience", kApi}, {"scope", "openid offline_access read:books write:books" + more}});
  }
  void allow_offline() { patch_api({{"allow_offline_access", true}}); }
  Tokens by_code(const http::Parameters& request) { return redeem(app, code(app, request)); }
  Tokens by_password(const std::string& scope) {
    return world.token_request(parameters({{"grant_type", "http://auth0.com/oauth/grant-type/password-realm"},
                                           {"client_id", app.client_id},
                                           {"client_secret", app.client_secret},
                                           {"realm", kPasswordRealm},
                                           {"username", ada.email},
                                           {"password", ada.password},
                                           {"audience", kApi},
                                           {"scope", scope}}));
  }
};

TEST_F(Rbac, a_code_is_for_what_the_user_may_do) {
  const auto none = by_code(asking());
  EXPECT_EQ(none.text("scope"), "openid");
  EXPECT_EQ(scope_of(none.access_token()), "openid");
  const auto claims = claims_of(none.access_token());
  const auto* const claimed = json::find(claims, "permissions");
  ASSERT_NE(claimed, nullptr);
  EXPECT_TRUE(claimed->as_array().empty()) << "an empty list, so that an API need not guess";
  give(ada, create_role("reader", {"read:books"}));
  const auto some = by_code(asking());
  EXPECT_EQ(some.text("scope"), "openid read:books");
  EXPECT_THAT(said(some.access_token()), ElementsAre("read:books"));
  permit(ada, {"write:books"});
  const auto narrow = by_code(parameters({{"audience", kApi}, {"scope", "openid read:books"}}));
  EXPECT_EQ(narrow.text("scope"), "openid read:books");
  EXPECT_THAT(said(narrow.access_token()), ElementsAre("read:books", "write:books")) << "all permissions, whatever was asked for";
}

TEST_F(Rbac, a_permission_that_is_lost_before_the_code_is_redeemed_is_lost) {
  const auto role = create_role("reader", {"read:books"});
  give(ada, role);
  const auto pending = code(app, asking());
  take(ada, role);
  EXPECT_EQ(redeem(app, pending).text("scope"), "openid");
}

TEST_F(Rbac, a_refresh_looks_again_and_never_widens) {
  allow_offline();
  const auto role = create_role("reader", {"read:books"});
  give(ada, role);
  const auto tokens = by_code(asking());
  ASSERT_NE(tokens.refresh_token(), "");
  EXPECT_EQ(world.refresh(app, tokens.refresh_token()).text("scope"), "openid offline_access read:books");
  permit(ada, {"write:books"});
  const auto wider = world.refresh(app, tokens.refresh_token());
  EXPECT_EQ(wider.text("scope"), "openid offline_access read:books") << "RFC 6749 §6";
  EXPECT_THAT(said(wider.access_token()), ElementsAre("read:books", "write:books"));
  take(ada, role);
  const auto less = world.refresh(app, tokens.refresh_token());
  EXPECT_EQ(less.text("scope"), "openid offline_access");
  EXPECT_THAT(said(less.access_token()), ElementsAre("write:books"));
  give(ada, role);
  EXPECT_EQ(world.refresh(app, tokens.refresh_token()).text("scope"), "openid offline_access read:books");
}

TEST_F(Rbac, a_token_in_front_of_the_browser_is_held_to_it_too) {
  give(ada, create_role("reader", {"read:books"}));
  auto request = asking();
  request.add("response_type", "token");
  const auto page = sign_in(app, request);
  const auto answer = http::Parameters::parse(page.url.substr(page.url.find('#') + 1));
  ASSERT_TRUE(answer.ok()) << page.url;
  EXPECT_EQ(answer->find("scope"), "openid read:books");
  EXPECT_THAT(said(answer->find("access_token").value_or("")), ElementsAre("read:books"));
}

TEST_F(Rbac, a_password_is_held_to_it_also_where_no_scope_is_asked_for) {
  give(ada, create_role("reader", {"read:books"}));
  const auto tokens = by_password("openid read:books write:books");
  EXPECT_EQ(tokens.text("scope"), "openid read:books");
  EXPECT_THAT(said(tokens.access_token()), ElementsAre("read:books"));
  EXPECT_EQ(by_password("").text("scope"), "read:books");
  EXPECT_EQ(json::find_string(world.logs("type:sepft").at(0), "scope"), "read:books");
}

TEST_F(Rbac, a_machine_has_its_grants_scopes_as_permissions) {
  world.managed(Method::post, "client-grants",
                {{"client_id", app.client_id}, {"audience", kApi}, {"scope", json::array{"write:books"}}});
  const auto tokens = world.token_request(parameters({{"grant_type", "client_credentials"},
                                                      {"client_id", app.client_id},
                                                      {"client_secret", app.client_secret},
                                                      {"audience", kApi}}));
  EXPECT_EQ(tokens.text("scope"), "write:books");
  EXPECT_THAT(said(tokens.access_token()), ElementsAre("write:books"));
}

TEST_F(Rbac, a_device_is_held_to_it_too) {
  const auto device = world.create_client({{"name", "tv"},
                                           {"app_type", "native"},
                                           {"token_endpoint_auth_method", "none"},
                                           {"grant_types", json::array{"urn:ietf:params:oauth:grant-type:device_code"}}});
  give(ada, create_role("reader", {"read:books"}));
  const auto started = object_of(world.send(
      form_request("/oauth/device/code",
                   parameters({{"client_id", device.client_id}, {"audience", kApi}, {"scope", "read:books write:books"}}))));
  auto page = browser.open("/activate");
  page = browser.submit(
      page, parameters({{"csrf", page.field("csrf")}, {"user_code", json::find_string(started, "user_code").value_or("")}}));
  page = browser.submit(
      page, parameters({{"csrf", page.field("csrf")}, {"user_code", page.field("user_code")}, {"decision", "allow"}}));
  if (page.is_login_page()) browser.submit_login(page, ada);
  const auto tokens = world.token_request(parameters({{"grant_type", "urn:ietf:params:oauth:grant-type:device_code"},
                                                      {"client_id", device.client_id},
                                                      {"device_code", json::find_string(started, "device_code").value_or("")}}));
  EXPECT_EQ(tokens.text("scope"), "read:books");
  EXPECT_THAT(said(tokens.access_token()), ElementsAre("read:books"));
}

TEST_F(Rbac, the_web_tokens_of_a_handoff_follow_the_users_permissions) {
  give(ada, create_role("reader", {"read:books"}));
  const auto native = world.native_client();
  const auto transfer = world.exchange(native, world.password_tokens(native, ada).refresh_token());
  browser.plant("auth0_session_transfer_token", transfer.access_token());
  const auto tokens = redeem(web, authorize(web, asking()).parameter("code"));
  EXPECT_EQ(tokens.text("scope"), "openid read:books");
  EXPECT_THAT(said(tokens.access_token()), ElementsAre("read:books"));
}

TEST_F(Rbac, roles_in_an_organization_count_for_its_tokens_only) {
  const auto found = world.managed(Method::get, std::string("connections?name=") + kPasswordRealm);
  const auto connection_id = json::find_string(found.as_array().at(0).as_object(), "id").value_or("");
  const auto made =
      world.managed(Method::post, "organizations",
                    {{"name", "acme"}, {"enabled_connections", json::array{json::object{{"connection_id", connection_id}}}}});
  const auto acme = json::find_string(made.as_object(), "id").value_or("");
  const auto writer = create_role("writer", {"write:books"});
  const auto path = "organizations/" + acme + "/members/" + base::percent_encode(ada.user_id) + "/roles";
  EXPECT_EQ(status(Method::post, path, {{"roles", json::array{writer}}}), 404) << "not a member yet";
  world.managed(Method::post, "organizations/" + acme + "/members", {{"members", json::array{ada.user_id}}});
  EXPECT_EQ(status(Method::post, path, {{"roles", json::array{"rol_none"}}}), 400);
  EXPECT_EQ(status(Method::post, path, {{"roles", json::array{writer}}}), 204);
  EXPECT_THAT(names(path, "name"), ElementsAre("writer"));
  give(ada, create_role("reader", {"read:books"}));

  EXPECT_EQ(by_code(asking()).text("scope"), "openid read:books");
  auto request = asking();
  request.add("organization", acme);
  const auto tokens = by_code(request);
  EXPECT_EQ(tokens.text("scope"), "openid read:books write:books");
  EXPECT_THAT(said(tokens.access_token()), ElementsAre("read:books", "write:books"));
  EXPECT_EQ(status(Method::delete_, path, {{"roles", json::array{writer}}}), 204);
  EXPECT_EQ(by_code(request).text("scope"), "openid read:books");
}

TEST_F(Rbac, the_claim_stands_where_the_dialect_says_so) {
  permit(ada, {"read:books"});
  const auto claims = [&] { return claims_of(by_code(asking()).access_token()); };
  patch_api({{"token_dialect", "rfc9068_profile_authz"}});
  EXPECT_EQ(json::find_strings(claims(), "permissions"), (std::vector<std::string>{"read:books"}));
  EXPECT_EQ(json::find_string(claims(), "client_id"), app.client_id);
  for (const auto* const dialect : {"access_token", "rfc9068_profile"}) {
    patch_api({{"token_dialect", dialect}});
    EXPECT_EQ(json::find(claims(), "permissions"), nullptr) << dialect;
    EXPECT_EQ(json::find_string(claims(), "scope"), "openid read:books") << "enforced all the same";
  }
  patch_api({{"token_dialect", "access_token_authz"}, {"enforce_policies", false}});
  EXPECT_EQ(json::find(claims(), "permissions"), nullptr);
  EXPECT_EQ(json::find_string(claims(), "scope"), "openid read:books write:books");
}

TEST_F(Rbac, a_client_says_no_permission_beyond_its_client_grant) {
  permit(ada, {"read:books", "write:books"});
  patch_api({{"subject_type_authorization", json::object{{"user", json::object{{"policy", "require_client_grant"}}}}}});
  world.managed(
      Method::post, "client-grants",
      {{"client_id", app.client_id}, {"audience", kApi}, {"subject_type", "user"}, {"scope", json::array{"read:books"}}});
  const auto tokens = by_code(asking());
  EXPECT_EQ(tokens.text("scope"), "openid read:books");
  EXPECT_THAT(said(tokens.access_token()), ElementsAre("read:books"));
}

TEST_F(Rbac, a_consent_page_asks_for_what_the_user_can_give) {
  give(ada, create_role("reader", {"read:books"}));
  const auto partner = world.create_client({{"name", "Partner"},
                                            {"app_type", "regular_web"},
                                            {"is_first_party", false},
                                            {"callbacks", json::array{kCallback}},
                                            {"grant_types", json::array{"authorization_code"}}});
  const auto page = sign_in(partner, asking());
  EXPECT_NE(page.response.body.find("books: read"), std::string::npos) << page.response.body;
  EXPECT_EQ(page.response.body.find("books: write"), std::string::npos);
  const auto end =
      browser.submit(page, parameters({{"state", page.field("state")}, {"csrf", page.field("csrf")}, {"action", "accept"}}));
  permit(ada, {"write:books"});
  const auto tokens = redeem(partner, end.parameter("code"));
  EXPECT_EQ(tokens.text("scope"), "openid read:books");
  EXPECT_THAT(said(tokens.access_token()), ElementsAre("read:books")) << "nothing that the user did not allow a third party";
}

// --- Actions ---

struct RbacActions : ::testing::Test {
  FakeRunner runner;
  struct In : Rbac {
    explicit In(WorldOptions options) : Rbac(options) {}
    void TestBody() override {}
  } rbac{{.run_actions = runner.run()}};
};

TEST_F(RbacActions, are_told_the_roles_and_add_no_scope_that_the_user_lacks) {
  rbac.give(rbac.ada, rbac.create_role("reader", {"read:books"}));
  bind(rbac.world, "post-login", {{"Add", "exports.onExecutePostLogin = async () => {};"}});
  std::vector<std::string> told;
  json::value page, named;
  runner.answer = [&](const actions::Invocation& invocation) {
    told = json::find_strings(invocation.event.at("authorization").as_object(), "roles");
    page = invocation.answer("roles.getUserEffectiveRoles", {json::object{{"take", 1}}}).value();
    named = invocation.answer("roles.getUserEffectiveRolesByNames", {json::array{"writer"}}).value();
    actions::Outcome out{.status = actions::Status::ok};
    out.results.push_back({.version_id = invocation.actions.front().version_id,
                           .ok = true,
                           .commands = {{"accessToken.addScope", {"write:books"}}}});
    return out;
  };
  const auto tokens = rbac.by_code(rbac.asking());
  EXPECT_EQ(tokens.text("scope"), "openid read:books");
  EXPECT_THAT(told, ElementsAre("reader"));
  EXPECT_EQ(page.as_object().at("roles").as_array().size(), 1u);
  EXPECT_TRUE(page.as_object().at("next").is_null());
  EXPECT_TRUE(named.as_object().at("roles").as_array().empty());
}

}  // namespace
}  // namespace segue::test
